"""What a benchmark is: where its questions lie, what its columns mean, how it is asked and scored."""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from vpd.errors import UserError
from vpd.records import AnswerType
from vpd.resources import resource
from vpd.settings import Settings
from vpd.text.asking import LABEL_SUFFIX

MetricName = Literal[
    "exact_match",
    "vqa_accuracy",
    "direct_answer",
    "multiple_choice",
    "circular",
    "count",
    "yes_no",
    "auroc",
    "anls",
    "same_answer",
]


class ImageTable(Settings):
    """Images that lie in a table of their own."""

    config: str
    split: str
    id: str
    """The column that holds each image's id."""
    image: str
    """The column that holds the image."""
    key: str
    """The column of the questions that names the image's id."""


class HubSource(Settings):
    """A data set on the Hugging Face hub."""

    ids: Annotated[tuple[str, ...], Field(min_length=1)]
    """Tried in order: data sets move."""
    config: str | None = None
    split: str
    revision: str | None = None
    images: ImageTable | None = None


class Columns(Settings):
    """Where each part of a question stands: a column, or `column[].key` for a list of mappings."""

    id: str | None = None
    """Rows are numbered where there is none."""
    question: str = "question"
    image: str | None = "image"
    """An image, its bytes, or its path; None where the images lie in a table of their own."""
    answers: str | None = None
    """One answer, or a list of them."""
    choices: tuple[str, ...] = ()
    """One column with the list of options, or one column for each option; empty ones are left out."""
    correct: str | None = None
    """The correct option: its index from 0, or its letter."""
    category: str | None = None
    hint: str | None = None
    """Stands in `prompt` as `{hint}`."""
    rows: str | None = None
    """A column with a list of questions about one image; `question`, `answers` and `category` are then keys of
    its elements."""
    skip: str | None = None
    """A column that is true for rows that are not part of the benchmark's score."""
    repeated: bool = False
    """Whether the data set holds some rows twice; those whose id came before are then left out."""


class CategoryFile(Settings):
    """Categories in a JSONL file of their own beside the questions."""

    file: str
    column: str


class Benchmark(Settings):
    """A benchmark's definition. One YAML each in `data/benchmarks`; a user's own has the same keys."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
    title: str
    hub: HubSource | None = None
    """None where the questions are a JSONL file of the user's, given by path."""
    columns: Columns = Columns()
    categories: CategoryFile | None = None
    """Only for questions in a JSONL file."""
    category_names: dict[str, str] = Field(default_factory=dict)
    """What a category is called, where the column says it otherwise."""
    answer_names: dict[str, str] = Field(default_factory=dict)
    """What an answer is called, where the column says it otherwise, e.g. `"1": "yes"`."""
    answer_type: AnswerType = "open"
    metric: MetricName
    prompt: str = "{question}"
    """What is asked; `{question}` and `{hint}` are filled in."""
    options: Literal["letters", "list"] = "letters"
    """How options are shown: one a line behind letters, or in a row as training rows show them."""
    suffix: str = LABEL_SUFFIX
    """What follows the question when it is answered directly."""
    lower_case: bool = False
    """Whether answers are lower-cased, for metrics that compare letter by letter and references without capitals."""
    licence: str = ""
    citation: str = ""
    found: str = ""
    """Where the hub ids and the columns were looked up."""

    @model_validator(mode="after")
    def _complete(self) -> "Benchmark":
        if self.hub is not None and self.hub.images is None and self.columns.image is None:
            raise ValueError("name the column of the image, or the table of the images")
        if self.metric in ("multiple_choice", "circular") and not (self.hub and self.columns.correct):
            raise ValueError(
                f"the metric {self.metric} needs `hub` and `columns.correct`; same_answer reads options and letters "
                "of questions in a file"
            )
        return self


def benchmark_names() -> list[str]:
    """The benchmarks that come with the package."""
    return sorted(path.stem for path in resource("data", "benchmarks").glob("*.yaml"))


def load_benchmark(name: str) -> Benchmark:
    """A benchmark by name, from a YAML file, or one of a user's questions (a `.jsonl` file).

    Raises:
        UserError: there is none of that name, or the file is no definition.
    """
    path = Path(name)
    if path.suffix == ".jsonl":
        stem = "".join(c if c.isalnum() or c in "_.-" else "-" for c in path.stem.lower()).lstrip("_.-")
        return Benchmark(name=stem or "questions", title=path.stem, metric="same_answer", options="list")
    if path.suffix not in (".yaml", ".yml"):
        if name not in benchmark_names():
            raise UserError(
                f"there is no benchmark {name!r}; there are {', '.join(benchmark_names())}; or give a YAML or "
                "JSONL file"
            )
        path = resource("data", "benchmarks", f"{name}.yaml")
    try:
        values: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read the benchmark {path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text") from error
    try:
        return Benchmark.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the definition"
        raise UserError(f"{path}: `{place}`: {first['msg'].lower()}") from error
