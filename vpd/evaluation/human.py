"""Human evaluation on the paper's three axes: which answers are judged, blindly, and what the judgments say."""

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from vpd.errors import UserError
from vpd.evaluation.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha
from vpd.evaluation.intervals import Interval, mean_interval, paired_difference
from vpd.evaluation.records import Item, Prediction

Axis = Literal["correct", "factual", "consistent"]
"""Is the answer right; is every statement true of the image; does the reasoning lead to the answer (Hu et al. 2024,
arXiv 2312.03052)."""

AXES: tuple[Axis, ...] = get_args(Axis)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeyItem(_Model):
    """Who stands where on one item of the page."""

    question_id: str
    left: str
    right: str


class Key(_Model):
    """What the page does not tell: kept apart from it until all have judged."""

    page: str
    benchmark: str
    systems: tuple[str, str]
    items: tuple[KeyItem, ...]


class Side(_Model):
    correct: bool
    factual: bool
    consistent: bool

    def on(self, axis: Axis) -> bool:
        return {"correct": self.correct, "factual": self.factual, "consistent": self.consistent}[axis]


class Judgment(_Model):
    """A line of a results file: what one person said of one item."""

    page: str
    rater: str
    item: int
    """Position on the page, from 0."""
    left: Side
    right: Side


class Pair(NamedTuple):
    """A question with both systems' predictions; `swapped` where the second stands on the left."""

    item: Item
    first: Prediction
    second: Prediction
    swapped: bool


def draw(
    items: Mapping[str, Item],
    first: Mapping[str, Prediction],
    second: Mapping[str, Prediction],
    count: int,
    seed: int,
) -> list[Pair]:
    """Questions that both systems answered, and on which side who stands: the same for the same seed.

    Raises:
        UserError: there are none.
    """
    both = sorted(
        identity
        for identity in items
        if all((found := each.get(identity)) is not None and found.status == "ok" for each in (first, second))
    )
    if not both:
        raise UserError(
            "there is no question that both systems answered; evaluate both on the same benchmark"
        )
    rng = random.Random(seed)  # noqa: S311 - a seed that repeats is what is wanted
    chosen = rng.sample(both, min(count, len(both)))
    # As often on one side as on the other.
    sides = [place % 2 == 1 for place in range(len(chosen))]
    rng.shuffle(sides)
    return [
        Pair(items[identity], first[identity], second[identity], swapped)
        for identity, swapped in zip(chosen, sides, strict=True)
    ]


def key(benchmark: str, systems: tuple[str, str], pairs: Sequence[Pair]) -> Key:
    """The key of a page; the page's name is that of all it shows, and tells results of other pages apart."""
    items = tuple(
        KeyItem(question_id=pair.item.id, left=systems[pair.swapped], right=systems[not pair.swapped])
        for pair in pairs
    )
    said = [[_said(pair.first), _said(pair.second)] for pair in pairs]
    told = json.dumps([benchmark, systems, [(i.question_id, i.left) for i in items], said])
    page = hashlib.sha256(told.encode()).hexdigest()[:12]
    return Key(page=page, benchmark=benchmark, systems=systems, items=items)


def sides(pair: Pair) -> tuple[str, str]:
    """What stands on the left and on the right."""
    first, second = _said(pair.first), _said(pair.second)
    return (second, first) if pair.swapped else (first, second)


def _said(prediction: Prediction) -> str:
    """All that was written; what did not write has an answer alone."""
    return prediction.text or prediction.answer or ""


def read_key(path: Path) -> Key:
    """
    Raises:
        UserError: it is no key of a page.
    """
    try:
        return Key.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        raise UserError(f"{path} is no key of a page; `vpd human-page` writes key-PAGE.json") from error


def read_judgments(paths: Iterable[Path], page: Key) -> list[Judgment]:
    """The judgments of results files; of one person's several on one item the last counts.

    Raises:
        UserError: a line is malformed, or belongs to another page.
    """
    found: dict[tuple[str, int], Judgment] = {}
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise UserError(f"cannot read {path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise UserError(f"{path} is not UTF-8 text") from error
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                judgment = Judgment.model_validate_json(line)
            except ValidationError as error:
                raise UserError(f"{path}, line {number}: this is no judgment of such a page") from error
            if judgment.page != page.page or not 0 <= judgment.item < len(page.items):
                raise UserError(f"{path}, line {number}: this judgment belongs to another page than the key")
            found[judgment.rater, judgment.item] = judgment
    if not found:
        raise UserError("the files hold no judgments")
    return list(found.values())


class AxisResult(NamedTuple):
    """What people said on one axis."""

    axis: Axis
    shares: tuple[Interval, Interval]
    """How often each system's answers have the property; several people's judgments of one are averaged."""
    difference: Interval
    """First − second, paired by question."""
    wins: tuple[int, int]
    """Judgments in which one system alone has it."""
    ties: int


class Agreement(NamedTuple):
    """How far people agree on one axis, over both systems' answers."""

    axis: Axis
    things: int
    """Answers that more than one person judged."""
    same: float | None
    """Share of pairs of people who said the same."""
    cohen: float | None
    """Where there are exactly two people."""
    fleiss: float | None
    """Where each such answer was judged by as many people."""
    alpha: float | None
    """Krippendorff's."""


def results(page: Key, judgments: Sequence[Judgment], seed: int = 0) -> list[AxisResult]:
    """Each axis: both systems' shares, their difference, and who is preferred."""
    return [_axis_result(page, judgments, axis, seed) for axis in AXES]


def agreement(page: Key, judgments: Sequence[Judgment]) -> list[Agreement]:
    """Each axis: how far those who judged the same answers agree."""
    return [_axis_agreement(judgments, axis) for axis in AXES]


def _axis_result(page: Key, judgments: Sequence[Judgment], axis: Axis, seed: int) -> AxisResult:
    first: defaultdict[int, list[bool]] = defaultdict(list)
    second: defaultdict[int, list[bool]] = defaultdict(list)
    for judgment in judgments:
        swapped = page.items[judgment.item].left != page.systems[0]
        left, right = judgment.left.on(axis), judgment.right.on(axis)
        first[judgment.item].append(right if swapped else left)
        second[judgment.item].append(left if swapped else right)
    items = sorted(first)
    means = [np.array([np.mean(each[item]) for item in items]) for each in (first, second)]
    rng = np.random.default_rng(seed)
    pairs = [(a, b) for item in items for a, b in zip(first[item], second[item], strict=True)]
    return AxisResult(
        axis,
        (mean_interval(means[0], rng), mean_interval(means[1], rng)),
        paired_difference(means[0], means[1], rng),
        (sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs)),
        sum(a == b for a, b in pairs),
    )


def _axis_agreement(judgments: Sequence[Judgment], axis: Axis) -> Agreement:
    by_thing: defaultdict[tuple[int, str], dict[str, bool]] = defaultdict(dict)
    for judgment in judgments:
        by_thing[judgment.item, "left"][judgment.rater] = judgment.left.on(axis)
        by_thing[judgment.item, "right"][judgment.rater] = judgment.right.on(axis)
    shared = [labels for labels in by_thing.values() if len(labels) > 1]
    raters = sorted({rater for labels in shared for rater in labels})
    cohen = fleiss = None
    if len(raters) == 2:
        cohen = cohen_kappa(*([labels[rater] for labels in shared] for rater in raters))
    if shared and len({len(labels) for labels in shared}) == 1:
        fleiss = fleiss_kappa([list(labels.values()) for labels in shared])
    labels: list[list[Any]] = [list(each.values()) for each in shared]
    return Agreement(axis, len(shared), _same(labels), cohen, fleiss, krippendorff_alpha(labels))


def _same(things: Sequence[Sequence[Any]]) -> float | None:
    pairs = [(a, b) for labels in things for i, a in enumerate(labels) for b in labels[i + 1 :]]
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else None
