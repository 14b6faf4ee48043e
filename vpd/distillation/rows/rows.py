"""From a question, its label and what its kept program found to training rows."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, cast

from vpd.distillation.facts.models import Concluded, Fact, load
from vpd.distillation.settings import DistillationSettings, RationaleSettings
from vpd.distillation.trajectories.trajectories import Trajectories, Trajectory
from vpd.records import Candidate, Example, Json, Rationale, TrainingRow, Verdict, View
from vpd.text.asking import LABEL_SUFFIX, RATIONALE_SUFFIX, question_text

Fault = Literal[
    "unsupported",  # it says what does not follow from what was seen
    "nothing_seen",  # it rests on no fact: the program answers without looking
    "long",  # it cannot be read aloud
]


class Kept(NamedTuple):
    """The candidate that represents a question, and its reasoning in words."""

    candidate: Candidate
    verdict: Verdict
    rationale: Rationale


class RowMaker:
    """Makes the training rows of some questions, one after the other.

    The order of the questions decides which gets which kind of trajectory, and nothing else.
    """

    def __init__(self, settings: DistillationSettings, shard: int = 0) -> None:
        """
        Args:
            settings: of the recipe.
            shard: which part of all questions these are; each begins with other kinds of trajectory.
        """
        self._settings = settings
        self._trajectories = Trajectories(settings.trajectories, shard) if settings.trajectories else None

    def rows(self, example: Example, kept: Kept | None) -> list[TrainingRow]:
        """The rows of one question: its label, and the rationale and the trajectory of its kept program.

        A labelled question gives its label row whether or not a program was kept, as in the paper. A question
        whose images cannot be read gives none. A rationale that is too long, not borne out, or rests on nothing that
        was seen is left out.
        """
        if example.problem is not None:
            return []
        rows: list[TrainingRow] = []
        if self._settings.labels and example.answers:
            rows.append(_plain(example, "label", label(example), {"source": example.source}))
        fault = None if kept is None else rationale_fault(kept.rationale, self._settings.rationales)
        if kept is None or fault in ("unsupported", "nothing_seen"):
            return rows
        if self._settings.rationales is not None and fault is None:
            rows.append(_plain(example, "rationale", kept.rationale.text, _provenance(example, kept)))
        row = self._trajectory(example, kept)
        return rows if row is None else [*rows, row]

    def _trajectory(self, example: Example, kept: Kept) -> TrainingRow | None:
        if self._trajectories is None:
            return None
        facts: Sequence[Fact] = load(kept.rationale.facts)
        made = self._trajectories.make(example, facts)
        if made is None:
            return None
        return TrainingRow(
            id=f"{example.id}/trajectory",
            example_id=example.id,
            task="trajectory",
            messages=cast("Json", made.messages),
            images=made.images,
            masked=made.masked,
            provenance=_provenance(example, kept) | {"kind": made.kind, "cue": _cue(made)},
        )


def rationale_fault(rationale: Rationale, settings: RationaleSettings | None) -> Fault | None:
    """Why a rationale is not learned from; None if it is fine."""
    if rationale.unsupported:
        return "unsupported"
    if all(isinstance(fact, Concluded) for fact in load(rationale.facts)):
        return "nothing_seen"
    return "long" if settings is not None and len(rationale.text.split()) > settings.max_words else None


def label(example: Example) -> str:
    """The answer to learn: the most frequent reference answer, the first of equals."""
    return Counter(example.answers).most_common(1)[0][0]


def _plain(example: Example, task: Any, answer: str, provenance: dict[str, Json]) -> TrainingRow:
    suffix = LABEL_SUFFIX if task == "label" else RATIONALE_SUFFIX
    pictures: list[Json] = [{"type": "image"} for _ in example.images]
    asked: list[Json] = [
        *pictures,
        {"type": "text", "text": f"{question_text(example.question, example.choices)} {suffix}"},
    ]
    return TrainingRow(
        id=f"{example.id}/{task}",
        example_id=example.id,
        task=task,
        messages=[{"role": "user", "content": asked}, {"role": "assistant", "content": answer}],
        images=tuple(View(image=image) for image in example.images),
        provenance=provenance,
    )


def _cue(made: Trajectory) -> Json:
    return None if made.cue is None else [*made.cue]


def _provenance(example: Example, kept: Kept) -> dict[str, Json]:
    return {
        "source": example.source,
        "program": kept.candidate.index,
        "round": kept.candidate.round,
        "model": kept.candidate.model,
        "log_probability": kept.candidate.log_probability,
        "probability": kept.verdict.probability,
        "written_by": kept.rationale.source,
    }
