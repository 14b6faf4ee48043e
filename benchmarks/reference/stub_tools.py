"""Tools that answer by a hash of seed, call and region: the same in any process, different between seeds."""

import hashlib
import json

from vpd.execution.calls import ApiCall, ApiValue, Patch

SIZES = ((640, 480),)

_ANSWERS = ["yes", "no", "red", "blue", "2", "3", "left", "wooden", "dog", "standing"]
_TEXTS = ["", "EXIT", "Total 12.50\nCash 20.00", "2 for 1", "open"]


def call_key(call: ApiCall) -> list[object]:
    """A call as JSON: what the sequences of two interpreters are compared by."""

    def plain(value: object) -> object:
        if isinstance(value, Patch):
            return [value.image, list(value.box), value.category]
        return [plain(each) for each in value] if isinstance(value, list) else value

    return [call.method, plain(call.patch), {name: plain(value) for name, value in call.arguments.items()}]


def answer(seed: int, call: ApiCall) -> ApiValue:
    """What the stub tools answer."""
    digest = hashlib.sha256(json.dumps([seed, call_key(call)]).encode()).digest()
    pick = digest[0]
    match call.method:
        case "find" | "find_text":
            assert call.patch is not None
            name = call.arguments["object_name"] if call.method == "find" else "EXIT"
            return _boxes(call.patch, str(name), digest)
        case "exists" | "verify_property":
            return pick % 2 == 0
        case "compute_depth":
            return digest[1] / 16
        case "best_text_match":
            options = call.arguments["option_list"]
            assert isinstance(options, list)
            return options[pick % len(options)]  # type: ignore[return-value]
        case "best_image_match":
            patches = call.arguments["list_patches"]
            assert isinstance(patches, list)
            return pick % len(patches)
        case "read_text":
            return _TEXTS[pick % len(_TEXTS)]
        case _:
            return _ANSWERS[pick % len(_ANSWERS)]


def _boxes(patch: Patch, name: str, digest: bytes) -> list[Patch]:
    x1, y1, x2, y2 = patch.box
    found: list[Patch] = []
    for index in range((0, 1, 1, 2, 3, 4)[digest[0] % 6]):
        a, b, c, d = digest[1 + 4 * index : 5 + 4 * index]
        left, top = x1 + (x2 - x1 - 1) * a // 300, y1 + (y2 - y1 - 1) * b // 300
        right = min(x2, left + 1 + (x2 - left) * c // 256)
        bottom = min(y2, top + 1 + (y2 - top) * d // 256)
        found.append(Patch(patch.image, (left, top, right, bottom), name, (a + 1) / 256))
    return sorted(found, key=lambda each: each.box)


class StubHost:
    """Answers one program's calls with the stub tools, and remembers them."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.calls: list[object] = []

    async def call(self, call: ApiCall) -> ApiValue:
        self.calls.append(call_key(call))
        return answer(self.seed, call)
