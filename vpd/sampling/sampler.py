"""One question, one round: ask the language model, and read its replies as candidates."""

import math
from collections.abc import Sequence

from vpd.language_models.errors import RowError
from vpd.language_models.protocol import Completion, LanguageModel, Message, Request
from vpd.records import Candidate, Example, Execution, Status, Usage, Verdict
from vpd.sampling.deduplication import normal_form
from vpd.sampling.examples import choose_examples
from vpd.sampling.prompt import asked, first_attempt, instructions, repair
from vpd.sampling.reply import read_reply
from vpd.sampling.settings import Round, SamplingSettings


class Sampler:
    """Draws candidates. One instance serves all questions of a run."""

    def __init__(self, settings: SamplingSettings, model: LanguageModel) -> None:
        self._settings = settings
        self._model = model
        self._instructions = instructions(choose_examples(settings.examples))

    async def draw(
        self, example: Example, number: int, before: Sequence[Candidate], executions: Sequence[Execution]
    ) -> list[Candidate]:
        """The candidates of round `number` (from 1).

        Equal programs are one candidate, which counts them as its weight; one that an earlier round has drawn
        is dropped. A reply without a program, or a request that the model cannot answer, is a candidate with
        its `problem`.

        Args:
            example: the question.
            number: which round of the schedule.
            before: the candidates of earlier rounds.
            executions: what happened to them, in the same order.

        Raises:
            RunError: nothing further can be asked: the key, the endpoint or the budget.
        """
        request = self.request(example, number, before, executions)
        try:
            replies = await self._model.complete(request)
        except RowError as error:
            return [self._failed(example, number, len(before), str(error))]
        drawn = [self._candidate(example, number, reply) for reply in replies]
        return _distinct(drawn, before)

    def request(
        self, example: Example, number: int, before: Sequence[Candidate], executions: Sequence[Execution]
    ) -> Request:
        """What is sent for a question in a round."""
        plan = self._settings.schedule[number - 1]
        return Request(
            messages=(self._instructions, self._question(example, plan, before, executions)),
            n=plan.samples,
            # Earlier rounds with the same prompt drew the samples before these.
            first_sample=self._drawn_before(number, plan),
            temperature=plan.temperature,
            max_tokens=self._settings.max_tokens,
            seed=self._settings.seed,
        )

    def _question(
        self, example: Example, plan: Round, before: Sequence[Candidate], executions: Sequence[Execution]
    ) -> Message:
        hint = self._settings.hint
        if plan.mode == "repair":
            ran = [(c, e) for c, e in zip(before, executions, strict=True) if c.problem is None]
            if ran:
                return repair(asked(example), hint, *min(ran, key=lambda pair: _promise(pair[1])))
        return first_attempt(asked(example), hint)

    def _drawn_before(self, number: int, plan: Round) -> int:
        earlier = self._settings.schedule[: number - 1]
        return sum(each.samples for each in earlier if each.mode == "fresh") if plan.mode == "fresh" else 0

    def _candidate(self, example: Example, number: int, reply: Completion) -> Candidate:
        problem = reply.problem
        found = read_reply(reply.text, reply.finish_reason) if problem is None else None
        return Candidate(
            example_id=example.id,
            index=0,
            program=found.program if found else "",
            log_probability=reply.log_probability,
            round=number,
            model=self._model.identity.model,
            usage=reply.usage,
            problem=str(problem) if problem else found.problem if found else None,
        )

    def _failed(self, example: Example, number: int, index: int, problem: str) -> Candidate:
        return Candidate(
            example_id=example.id,
            index=index,
            program="",
            round=number,
            model=self._model.identity.model,
            problem=problem,
        )


def unaccepted(verdicts: Sequence[Verdict]) -> bool:
    """Whether a question needs another round."""
    return not any(verdict.kept for verdict in verdicts)


def _promise(execution: Execution) -> int:
    """Which failure to repair first: one that says what was wrong, and got far."""
    order: tuple[Status, ...] = ("error", "rejected", "no_answer", "ok")
    return order.index(execution.status) if execution.status in order else len(order)


def _distinct(drawn: Sequence[Candidate], before: Sequence[Candidate]) -> list[Candidate]:
    """Equal programs become one, the likeliest of them; indices go on from those before."""
    seen = {normal_form(candidate.program) for candidate in before if candidate.problem is None}
    kept: dict[str, Candidate] = {}
    for position, candidate in enumerate(drawn):
        if candidate.problem is not None:
            kept[f"problem {position}"] = candidate
            continue
        form = normal_form(candidate.program)
        if form in seen:
            continue
        first = kept.get(form)
        kept[form] = candidate if first is None else _merged(first, candidate)
    return [
        candidate.model_copy(update={"index": len(before) + position})
        for position, candidate in enumerate(kept.values())
    ]


def _merged(first: Candidate, second: Candidate) -> Candidate:
    """Their tokens add up, so that no cost is lost."""

    def likelihood(candidate: Candidate) -> float:
        return -math.inf if candidate.log_probability is None else candidate.log_probability

    better = max(first, second, key=likelihood)
    usage = {name: getattr(first.usage, name) + getattr(second.usage, name) for name in Usage.model_fields}
    return better.model_copy(update={"weight": first.weight + second.weight, "usage": Usage(**usage)})
