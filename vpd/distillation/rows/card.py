"""The data set card: sources, licences, yields, the share of spurious programs, and what it cost."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any, NamedTuple, cast

from jinja2 import Environment, PackageLoader, StrictUndefined

from vpd.records import Example, Rationale, TrainingRow, Usage, Verdict


class Source(NamedTuple):
    """What came of the questions of one data set."""

    name: str
    licence: str
    questions: int
    labelled: int
    kept: int
    rows: int

    @property
    def share_kept(self) -> float:
        return self.kept / self.questions if self.questions else 0.0


class Cost(NamedTuple):
    """What the language models read and wrote, and what that cost."""

    usage: Usage
    money: float | None = None
    """None where the recipe gives no prices."""


def dataset_card(
    name: str,
    examples: Iterable[Example],
    verdicts: Iterable[Verdict],
    rationales: Iterable[Rationale],
    rows: Iterable[TrainingRow],
    licences: Mapping[str, str],
    cost: Cost | None = None,
    file: str | None = None,
) -> str:
    """A data set card in Markdown, with the hub's YAML header.

    Args:
        name: of the data set.
        examples: all questions, those without a kept program too.
        verdicts: of all candidates.
        rationales: of the kept programs.
        rows: the training rows; like all of the above they are gone through once, one at a time.
        licences: by source; a source that is not among them is said to be of unknown licence.
        cost: of all language models, where it is known.
        file: that holds the rows; None on the hub, which says so itself.
    """
    selected = {each.example_id: each.probability for each in verdicts if each.selected}
    known = [probability for probability in selected.values() if probability is not None]
    tasks: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    made: Counter[str] = Counter()
    for row in rows:
        made[row.example_id] += 1
        tasks[row.task] += 1
        if row.task == "trajectory":
            kinds[_kind(row)] += 1
    written = Counter((each.source, bool(each.unsupported)) for each in rationales)
    return _template().render(
        name=name,
        sources=list(_sources(examples, selected.keys(), made, licences)),
        tasks=tasks,
        kinds=kinds,
        written=written.total(),
        by_model=sum(count for (source, _), count in written.items() if source == "language_model"),
        refused=sum(count for (_, refused), count in written.items() if refused),
        spurious=sum(1 - probability for probability in known) / len(known) if known else None,
        judged=len(known),
        kept=len(selected),
        size=_size(made.total()),
        cost=cost,
        file=file,
    )


def _sources(
    examples: Iterable[Example],
    kept: AbstractSet[str],
    made: Mapping[str, int],
    licences: Mapping[str, str],
) -> Iterable[Source]:
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for example in examples:
        found[example.source or "unnamed"].update({
            "questions": 1,
            "labelled": bool(example.answers),
            "kept": example.id in kept,
            "rows": made.get(example.id, 0),
        })  # fmt: skip
    for name, count in sorted(found.items()):
        yield Source(name, licences.get(name, "unknown"), **count)


def _kind(row: TrainingRow) -> str:
    return str(cast("dict[str, Any]", row.provenance)["kind"])


def _size(rows: int) -> str:
    """The hub's name for a size."""
    for least, words in (
        (1_000_000, "n>1M"),
        (100_000, "100K<n<1M"),
        (10_000, "10K<n<100K"),
        (1_000, "1K<n<10K"),
    ):
        if rows >= least:
            return words
    return "n<1K"


@lru_cache(maxsize=1)
def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("vpd.distillation.rows"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown
    )
    cast("dict[str, Any]", environment.filters)["cell"] = _cell
    return environment.get_template("card.md.j2")


def _cell(text: str) -> str:
    """Text as a cell of a Markdown table, whatever it holds."""
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
