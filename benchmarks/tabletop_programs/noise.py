"""Tools that err as trained models do, on top of exact annotations: the same call always errs in the same way."""

import hashlib
from dataclasses import dataclass, replace
from typing import cast

from vpd.execution.calls import ApiCall, ApiValue, Patch, ProgramHost
from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES

_KINDS: tuple[tuple[str, ...], ...] = (COLORS, MATERIALS, SHAPES, SIZES, ("yes", "no"))


@dataclass(frozen=True)
class Errors:
    """How often tools err."""

    missed: float = 0.0
    """An object that is there is not found, whatever it is looked for as."""
    mistaken: float = 0.0
    """An object is found as what it is not, or is not found as what it is; a property is seen the wrong way round."""
    misread: float = 0.0
    """A short answer, an option, a text or the best of several patches is another one."""
    depth: float = 0.0
    """Largest error of a depth, as a share of it."""


EXACT = Errors()
GOOD = Errors(missed=0.02, mistaken=0.02, misread=0.04, depth=0.03)
POOR = Errors(missed=0.06, mistaken=0.06, misread=0.10, depth=0.08)


class NoisyHost:
    """A `ProgramHost` that answers as another does, with errors."""

    def __init__(self, exact: ProgramHost, errors: Errors, seed: str) -> None:
        """
        Args:
            exact: who knows the right answers.
            errors: how often they are spoilt.
            seed: names the images: other images, other errors.
        """
        self._exact = exact
        self._errors = errors
        self._seed = seed

    async def call(self, call: ApiCall) -> ApiValue:
        """See `ProgramHost.call`."""
        result = await self._exact.call(call if call.method != "exists" else replace(call, method="find"))
        arguments, errors = call.arguments, self._errors
        match call.method:
            case "find" | "exists":
                name = str(arguments["object_name"])
                found = [p for p in cast("list[Patch]", result) if self._is_found(p, name)]
                found += await self._confused(call, name, found)
                found.sort(key=lambda patch: patch.box)
                return found if call.method == "find" else bool(found)
            case "find_text":
                return [p for p in cast("list[Patch]", result) if self._chance(p.box) >= errors.missed]
            case "verify_property":
                assert call.patch is not None
                errs = (
                    self._chance("property", call.patch.box, str(arguments["visual_property"]))
                    < errors.mistaken
                )
                return bool(result) != errs
            case "simple_query" | "best_text_match" | "read_text":
                return self._misread(call, str(result))
            case "best_image_match":
                count = len(cast("list[Patch]", arguments["list_patches"]))
                errs = self._chance("best", str(arguments)) < errors.misread
                return (cast("int", result) + errs) % count
            case "compute_depth":
                assert call.patch is not None
                return cast("float", result) * (
                    1 + errors.depth * (2 * self._chance("depth", call.patch.box) - 1)
                )
            case _:
                return result

    def _is_found(self, patch: Patch, name: str) -> bool:
        there = self._chance(patch.image, patch.box) >= self._errors.missed
        return there and self._chance("name", patch.image, patch.box, name) >= self._errors.mistaken

    async def _confused(self, call: ApiCall, name: str, found: list[Patch]) -> list[Patch]:
        """Other objects, taken for what was looked for."""
        if not self._errors.mistaken:
            return []
        everything = await self._exact.call(replace(call, method="find", arguments={"object_name": "object"}))
        boxes = {patch.box for patch in found}
        return [
            replace(patch, category=name)
            for patch in cast("list[Patch]", everything)
            if patch.box not in boxes
            and self._chance("other", patch.image, patch.box, name) < self._errors.mistaken / 4
        ]

    def _misread(self, call: ApiCall, right: str) -> str:
        assert call.patch is not None
        where = (call.method, call.patch.image, call.patch.box, str(call.arguments))
        if self._chance("read", *where) >= self._errors.misread:
            return right
        options = call.arguments.get("option_list")
        kin = options if isinstance(options, list) else next((k for k in _KINDS if right in k), ())
        others = [str(each) for each in kin if each != right]
        if others:
            return others[int(self._chance("other", *where) * len(others))]
        return right[:-1] or "unknown"

    def _chance(self, *parts: object) -> float:
        """A number in [0, 1) that depends on the images and the parts alone."""
        digest = hashlib.blake2b(repr((self._seed, *parts)).encode(), digest_size=8).digest()
        return int.from_bytes(digest) / 2**64
