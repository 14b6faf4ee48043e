"""The recipe's part on data."""

from pathlib import Path

from pydantic import Field

from vpd.records import AnswerType
from vpd.settings import Settings


class HubColumns(Settings):
    """Which columns of a data set hold what. Where one is null, the data set has none."""

    id: str | None = None
    """Unique; by default rows are numbered."""
    question: str = "question"
    answers: str | None = "answer"
    """A text, number or truth value, or a list of some; a number picks one of the choices where there are any."""
    image: str = "image"
    """An image, or a list of some; with `images`, the image's name."""
    choices: str | None = None
    rows: str | None = None
    """Where one image has several questions: the column with their list. `question` and `answers`, and where they
    are there `id` and `choices`, are then fields of its elements."""


class HubImages(Settings):
    """Where a data set keeps its images apart from its questions."""

    configuration: str
    name: str = "id"
    """The column that questions name images by."""
    image: str = "image"


class HubSettings(Settings):
    """A data set of the Hugging Face hub, or a folder in the form of one."""

    id: str
    configuration: str | None = None
    split: str = "train"
    revision: str | None = None
    """Commit or tag; give one for data that stay the same."""
    columns: HubColumns = HubColumns()
    images: HubImages | None = None
    limit: int | None = Field(default=None, ge=1)
    """Take so many questions."""
    shuffle: int | None = None
    """A seed: take them in a shuffled order, not in that of the data set."""
    streaming: bool = True
    """Read only what is needed; false downloads the whole split first, and then shuffles all of it."""
    instructed: bool = False
    """The data set was made for instruction tuning: leave off what follows a question's first line, which says how
    to answer, and the full stop of an answer."""
    answer_type: AnswerType | None = None
    """Of all its questions; told from each answer where it is null."""
    source: str | None = None
    """What its questions are reported under; by default the last part of its id."""


class DataSettings(Settings):
    """What is asked about. Paths are relative to the recipe."""

    questions: Path
    """JSONL: `{id, image, images or video, question, answer or answers, answer_type, choices, source}`."""
    images: Path
    """The folder that image names are relative to."""
    annotations: Path | None = None
    """JSONL of known objects, `{image, width, height, objects}`, for the `annotations` tools."""
    candidates: Path | None = None
    """JSONL of programs, `{example_id or question, programs}`, where they come from elsewhere."""
    hub: tuple[HubSettings, ...] = ()
    """Data sets that `questions` and `images` are made from, one after the other, where they are not there yet."""
    shard_size: int = Field(default=64, ge=1)
    """Questions per shard: what is committed, and redone after a crash, as one."""
