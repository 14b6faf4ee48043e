"""The roles a tool can play: one batch method each, requests in, one result per request out, in order.

Boxes in results are in pixels of the region that was asked about (origin top left of its crop). A tool that
cannot answer raises `ToolError`; it never guesses. Calls reach a tool from one thread at a time.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from PIL import Image

from vision_tools.regions import Box, Region


class Detection(NamedTuple):
    box: Box
    label: str
    score: float
    """Confidence in [0, 1]."""


class TextLine(NamedTuple):
    text: str
    box: Box
    score: float
    """Confidence in [0, 1]."""


class Segment(NamedTuple):
    """The outline of the object that a region frames."""

    mask: Image.Image
    """Mode `1` and the region's size; white on the object."""
    box: Box
    """Tight around the mask; its area is 0 when the mask is empty."""
    score: float
    """The model's confidence in the mask, in [0, 1]."""


class NameQuery(NamedTuple):
    """Find every instance of a noun phrase, e.g. `red cube`."""

    region: Region
    name: str


class AttributeQuery(NamedTuple):
    """Does the object in this region have the attribute?"""

    region: Region
    name: str
    attribute: str


class TextsQuery(NamedTuple):
    """How well does each text describe this region?"""

    region: Region
    texts: tuple[str, ...]


class AnswerQuery(NamedTuple):
    """A short question about a region."""

    region: Region
    question: str


class KnowledgeQuery(NamedTuple):
    """A question to general knowledge; no image is shown."""

    question: str
    context: str | None = None
    long_answer: bool = False


class Tool(Protocol):
    """What every role shares."""

    @property
    def identity(self) -> str:
        """Everything that can change its answers (implementation, model, revision, thresholds), as one line.

        Results are cached under it: two tools with equal identities must answer equally.
        """
        ...

    @property
    def batch_size(self) -> int:
        """The largest batch worth sending at once."""
        ...


@runtime_checkable
class Detector(Tool, Protocol):
    def detect(self, queries: Sequence[NameQuery]) -> Sequence[Sequence[Detection]]: ...


@runtime_checkable
class AttributeVerifier(Tool, Protocol):
    def verify(self, queries: Sequence[AttributeQuery]) -> Sequence[bool]: ...


@runtime_checkable
class ImageTextScorer(Tool, Protocol):
    def score(self, queries: Sequence[TextsQuery]) -> Sequence[Sequence[float]]:
        """One similarity per text, comparable between regions and texts; larger is more alike."""
        ...


@runtime_checkable
class DepthEstimator(Tool, Protocol):
    def depth(self, regions: Sequence[Region]) -> Sequence[float]:
        """The median depth of each region within its whole image; larger is farther from the camera."""
        ...


@runtime_checkable
class TextReader(Tool, Protocol):
    def read(self, regions: Sequence[Region]) -> Sequence[Sequence[TextLine]]:
        """The lines of text in each region, in reading order."""
        ...


@runtime_checkable
class Answerer(Tool, Protocol):
    def answer(self, queries: Sequence[AnswerQuery]) -> Sequence[str]: ...


@runtime_checkable
class Knowledge(Tool, Protocol):
    def know(self, queries: Sequence[KnowledgeQuery]) -> Sequence[str]: ...


@runtime_checkable
class Segmenter(Tool, Protocol):
    def segment(self, regions: Sequence[Region]) -> Sequence[Segment]:
        """The object that each region frames, looked at within its whole picture."""
        ...
