"""What is asked of the language model for one question in one round."""

from collections.abc import Sequence
from typing import NamedTuple

from vpd.language_models.protocol import Message, Request
from vpd.records import Candidate, Example, Execution, Status
from vpd.resources import resource
from vpd.sampling.examples import choose_examples
from vpd.sampling.prompt import asked, first_attempt, instructions, repair
from vpd.sampling.settings import SamplingSettings
from vpd.store import combine


class Past(NamedTuple):
    """What earlier rounds drew for a question, and what happened when it ran, in the same order."""

    candidates: Sequence[Candidate] = ()
    executions: Sequence[Execution] = ()


class Requests:
    """Makes the requests of a run."""

    def __init__(self, settings: SamplingSettings) -> None:
        """
        Raises:
            UserError: the settings name an example that does not exist.
        """
        self._settings = settings
        self._instructions = instructions(choose_examples(settings.examples))

    def request(self, example: Example, number: int, past: Past) -> Request:
        """What is sent for a question in round `number`, from 1. Does not depend on the question's answers."""
        plan = self._settings.schedule[number - 1]
        return Request(
            messages=(self._instructions, self._question(example, number, past)),
            n=plan.samples,
            first_sample=self._drawn_before(number),
            temperature=plan.temperature,
            max_tokens=self._settings.max_tokens,
            seed=self._settings.seed,
        )

    def fingerprint(self, number: int) -> str:
        """Of everything that the requests of a round depend on, beside the questions and their past."""
        settings = self._settings
        return combine(
            settings.schedule[number - 1].model_dump_json(),
            str(self._drawn_before(number)),
            str(settings.max_tokens),
            str(settings.seed),
            settings.hint,
            str(self._instructions.content),
            *(resource("prompts", name).read_text("utf-8") for name in ("question.j2", "repair.j2")),
        )

    def _question(self, example: Example, number: int, past: Past) -> Message:
        hint = self._settings.hint
        if self._settings.schedule[number - 1].mode == "repair":
            pairs = zip(past.candidates, past.executions, strict=True)
            open_to_repair = [(c, e) for c, e in pairs if _may_be_repaired(example, c, e)]
            if open_to_repair:
                return repair(asked(example), hint, *min(open_to_repair, key=_promise))
        return first_attempt(asked(example), hint)

    def _drawn_before(self, number: int) -> int:
        """Samples are numbered through all rounds, so that none that asks the same gets the same reply."""
        return sum(plan.samples for plan in self._settings.schedule[: number - 1])


def _may_be_repaired(example: Example, candidate: Candidate, execution: Execution) -> bool:
    """Whether showing a program to the model can help without helping by elimination.

    A program that ran is shown only because its answer was not accepted. Where a question has a few possible
    answers, whoever is made to change their mind is right by luck, so such questions are asked afresh. That is
    told from the question and from what the program answered, never from the label.
    """
    if candidate.problem is not None:
        return False
    few_answers = bool(example.choices) or (execution.answer or "").strip(" .").lower() in _YES_OR_NO
    return execution.status != "ok" or not few_answers


_YES_OR_NO = {"yes", "no", "true", "false"}

_MOST_PROMISING: tuple[Status, ...] = ("error", "rejected", "no_answer", "ok")


def _promise(pair: tuple[Candidate, Execution]) -> tuple[int, int]:
    """Which program to repair first: one whose failure says what was wrong, and of those the latest."""
    candidate, execution = pair
    rank = len(_MOST_PROMISING)
    if execution.status in _MOST_PROMISING:
        rank = _MOST_PROMISING.index(execution.status)
    return rank, -candidate.index
