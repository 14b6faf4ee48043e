"""What detectors of a fixed set of classes share: names matched to classes, one look at each region."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

from vision_tools import phrases, words
from vision_tools.batching import Batcher
from vision_tools.boxes import left_to_right, suppressed
from vision_tools.errors import ToolError
from vision_tools.regions import Region
from vision_tools.roles import Detection, NameQuery

REMEMBERED_REGIONS = 1024
"""How many regions' detections are kept, so that asking for a second name costs nothing."""


class ClosedVocabulary:
    """Answers name queries from a model that finds all its classes at once.

    A name or an adjective that the classes do not cover is a `ToolError`, never "none".
    """

    def __init__(
        self,
        model: str,
        classes: Callable[[], Sequence[str]],
        forward: Callable[[Sequence[Region]], Sequence[list[Detection]]],
        *,
        iou: float,
        batcher: Batcher,
        shape: Callable[[Region], Hashable] = lambda _: None,
    ) -> None:
        """
        Args:
            model: what to call the model in messages.
            classes: the names of its classes.
            forward: everything it finds in each of several regions.
            iou: where a name covers several classes, of boxes overlapping more than this the surest stays.
            shape: what regions must have in common to share a batch.
        """
        self._model, self._class_names, self._forward, self._iou = model, classes, forward, iou
        self._batcher, self._shape = batcher, shape
        self._remembered: OrderedDict[Region, list[Detection]] = OrderedDict()

    def detect(self, queries: Sequence[NameQuery]) -> list[list[Detection]]:
        """One forward pass per distinct region, whatever the number of names asked about it.

        Raises:
            ToolError: no class can be called by a name. The other queries' regions are remembered by then, so
                that asking again one by one costs no second pass.
        """
        wanted: list[frozenset[str]] = []
        problem: ToolError | None = None
        for query in queries:
            try:
                wanted.append(self._classes(query.name))
            except ToolError as error:
                problem = error
                wanted.append(frozenset())
        answerable = [query.region for query, classes in zip(queries, wanted, strict=True) if classes]
        self._look_at(answerable)
        if problem is not None:
            raise problem
        return [self._pick(query.region, classes) for query, classes in zip(queries, wanted, strict=True)]

    def _classes(self, name: str) -> frozenset[str]:
        matched = phrases.matches(phrases.parse(name), self._class_names())
        if not matched:
            raise ToolError(f"{self._model} has no class for {name!r}; use an open-vocabulary detector")
        plain = frozenset(label for label, modifiers in matched.items() if not modifiers)
        if not plain:
            label, unknown = next(iter(matched.items()))
            raise ToolError(f"{self._model} finds {label!r} but cannot tell which are {unknown[0]!r}")
        return plain

    def _pick(self, region: Region, classes: frozenset[str]) -> list[Detection]:
        found = [d for d in self._remembered[region] if d.label in classes]
        # A general noun covers several classes, and one thing may have been found as two of them.
        return left_to_right(suppressed(found, self._iou) if len(classes) > 1 else found)

    def _look_at(self, regions: Sequence[Region]) -> None:
        new = [region for region in dict.fromkeys(regions) if region not in self._remembered]
        found = self._batcher.run(new, self._forward, self._shape)
        self._remembered.update(zip(new, found, strict=True))
        for region in regions:
            self._remembered.move_to_end(region)
        while len(self._remembered) > max(REMEMBERED_REGIONS, len(regions)):
            self._remembered.popitem(last=False)


def tables_identity() -> str:
    """Changes with the tables and rules by which names are matched."""
    content = hashlib.sha256()
    for module in (phrases, words):
        content.update(Path(str(module.__file__)).read_bytes())
    return f"words={content.hexdigest()[:16]}"
