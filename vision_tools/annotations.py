"""A detector and attribute verifier that reads a data set's own boxes and attributes."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vision_tools import phrases, words
from vision_tools.closed_vocabulary import tables_identity
from vision_tools.errors import ToolError, ToolUnavailable
from vision_tools.regions import Box, Region
from vision_tools.roles import AttributeQuery, Detection, NameQuery

INSIDE = 0.5
"""An object belongs to a region when at least this share of its area lies in it."""

FILLS = 0.9
"""An object is the region itself, not something in it, from this intersection over union."""


class AnnotatedObject(BaseModel):
    """One object of an image; `box` is `x1, y1, x2, y2` in pixels, origin top left."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str = Field(min_length=1)
    attributes: tuple[str, ...] = ()
    box: tuple[float, float, float, float]


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    image: str
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    objects: tuple[AnnotatedObject, ...]


class _Found(NamedTuple):
    thing: AnnotatedObject
    box: Box
    """In pixels of the region, clipped to it."""
    overlap: float
    """Intersection over union with the region."""


class Annotations:
    """Answers from a JSONL of `{image, width, height, objects: [{name, attributes?, box}]}`.

    Images are recognised by their content, so a region finds its annotations under whatever name it came.

    An absence is only ever reported where the annotations can know it: an attribute nobody annotated, an
    image without annotations, or a name outside `vocabulary` is a `ToolError`, never "no".
    """

    def __init__(
        self,
        annotations: str | Path,
        images: str | Path,
        *,
        vocabulary: Sequence[str] | str | Path | None = None,
    ) -> None:
        """
        Args:
            annotations: the JSONL file.
            images: the folder its image names are relative to.
            vocabulary: every name that would have been annotated where it occurs, as a list or as a file with
                one name a line. None means that the annotations list everything there is.

        Raises:
            ToolUnavailable: a file is missing, or a line of the annotations is malformed.
        """
        self._path, self._images = Path(annotations), Path(images)
        self._vocabulary = _names(vocabulary)
        text = _read(self._path)
        self._lines = [
            _parse(self._path, n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()
        ]
        self._known_names = tuple(sorted({o.name for line in self._lines for o in line.objects}))
        self._known_attributes = {
            phrases.adjective(a) for line in self._lines for o in line.objects for a in o.attributes
        }
        content = hashlib.sha256(text.encode())
        content.update(repr(self._vocabulary).encode())
        self._identity = (
            f"annotations sha256={content.hexdigest()} inside={INSIDE} fills={FILLS} {tables_identity()}"
        )

    @property
    def identity(self) -> str:
        return self._identity

    @property
    def batch_size(self) -> int:
        return 1024

    def detect(self, queries: Sequence[NameQuery]) -> list[list[Detection]]:
        """The annotated objects at least half inside each region, left to right, boxes clipped to it."""
        return [
            [Detection(found.box, found.thing.name, 1.0) for found in self._find(region, name)]
            for region, name in queries
        ]

    def verify(self, queries: Sequence[AttributeQuery]) -> list[bool]:
        """Whether the object of that name that fills its region best has the attribute; False without one."""
        return [self._verify(query) for query in queries]

    def _find(self, region: Region, name: str, whole: bool = False) -> list[_Found]:
        """The objects called `name`. One that is the region itself is no `object` in it, unless `whole`."""
        line = self._line(region)
        phrase = phrases.parse(name)
        if not phrase.words:
            raise ToolError(f"{name!r} names nothing that could be found")
        candidates = phrases.matches(phrase, self._known_names)
        if not candidates and self._vocabulary is not None and not phrases.matches(phrase, self._vocabulary):
            raise ToolError(
                f"{name!r} is not in the vocabulary of {self._path.name}, so its absence would mean nothing"
            )
        found = [
            seen
            for thing in line.objects
            if thing.name in candidates
            and (seen := _seen(thing, region)) is not None
            and self._all_hold(thing, candidates[thing.name])
        ]
        if phrases.is_anything(phrase) and not whole and region.box != (0, 0, line.width, line.height):
            found = [f for f in found if f.overlap < FILLS]
        return sorted(found, key=lambda f: (f.box.x1, f.box.y1))

    def _verify(self, query: AttributeQuery) -> bool:
        found = self._find(query.region, query.name, whole=True)
        if not found:
            return False
        thing = max(found, key=lambda f: f.overlap).thing
        wanted = phrases.adjective(query.attribute)
        if not self._is_adjective(wanted):
            if self._is_name(query.attribute):
                return phrases.matches(phrases.parse(query.attribute), (thing.name,)) == {thing.name: ()}
            if wanted and all(map(self._is_adjective, wanted.split())):
                return self._all_hold(thing, wanted.split())
        return self._holds(thing, wanted)

    def _is_adjective(self, word: str) -> bool:
        canonical = phrases.adjective(word)
        return canonical in words.SORT_OF_ADJECTIVE or canonical in self._known_attributes

    def _is_name(self, text: str) -> bool:
        phrase = phrases.parse(text)
        names = (*self._known_names, *(self._vocabulary or ()))
        return any(required == () for required in phrases.matches(phrase, names).values())

    def _all_hold(self, thing: AnnotatedObject, modifiers: Sequence[str]) -> bool:
        """One false modifier settles the matter, even beside one that the annotations do not know."""
        unknown: ToolError | None = None
        for modifier in modifiers:
            try:
                if not self._holds(thing, modifier):
                    return False
            except ToolError as error:
                unknown = error
        if unknown is not None:
            raise unknown
        return True

    def _holds(self, thing: AnnotatedObject, modifier: str) -> bool:
        """Whether the annotations say so; a `ToolError` where they say neither yes nor no."""
        wanted = phrases.adjective(modifier)
        attributes = {phrases.adjective(attribute) for attribute in thing.attributes}
        if wanted in attributes or wanted in phrases.words_of(thing.name)[:-1]:
            return True
        sort = words.SORT_OF_ADJECTIVE.get(wanted)
        if sort is None:
            told = bool(attributes) and wanted in self._known_attributes
        else:
            told = any(words.SORT_OF_ADJECTIVE.get(attribute) == sort for attribute in attributes)
        if told:
            return False
        if not attributes:
            raise ToolError(
                f"the annotations carry no attributes for {thing.name!r}, so nothing tells whether it is "
                f"{modifier!r}"
            )
        raise ToolError(f"the annotations do not say whether {thing.name!r} is {modifier!r}")

    def _line(self, region: Region) -> _Line:
        line = self._by_content.get(region.picture.sha256)
        if line is None:
            raise ToolError(f"{self._path.name} has no annotations for this image")
        return line

    @cached_property
    def _by_content(self) -> dict[str, _Line]:
        """Lines by the SHA-256 of their image file; images that are not in the folder are left out."""
        found: dict[str, _Line] = {}
        for line in self._lines:
            file = self._images / line.image
            if file.is_file():
                found.setdefault(hashlib.sha256(file.read_bytes()).hexdigest(), line)
        if self._lines and not found:
            raise ToolUnavailable(
                f"no image of {self._path} is in {self._images}; give the folder its names are relative to"
            )
        return found


def _seen(thing: AnnotatedObject, region: Region) -> _Found | None:
    box, frame = Box(*thing.box), Box(*region.box)
    shared = box.intersection(frame)
    if shared.area <= 0 or shared.area < INSIDE * box.area:
        return None
    overlap = shared.area / (box.area + frame.area - shared.area)
    return _Found(thing, shared.shifted(-frame.x1, -frame.y1), overlap)


def _parse(path: Path, number: int, text: str) -> _Line:
    try:
        line = _Line.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the line"
        raise ToolUnavailable(f"{path}, line {number}: {where}: {first['msg']}") from error
    for thing in line.objects:
        x1, y1, x2, y2 = thing.box
        if not (x1 < x2 and y1 < y2):
            raise ToolUnavailable(
                f"{path}, line {number}: the box of {thing.name!r} is empty: {list(thing.box)} should be "
                "[x1, y1, x2, y2] with x1 < x2 and y1 < y2"
            )
    return line


def _names(vocabulary: Sequence[str] | str | Path | None) -> tuple[str, ...] | None:
    if vocabulary is None:
        return None
    names = _read(Path(vocabulary)).splitlines() if isinstance(vocabulary, str | Path) else vocabulary
    return tuple(name.strip() for name in names if name.strip())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ToolUnavailable(f"cannot read {path}: {error}") from error
