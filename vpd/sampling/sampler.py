"""One question, one round: ask the language model, and read its replies as candidates."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from vpd.language_models.errors import RowError
from vpd.language_models.protocol import Completion, LanguageModel, Request
from vpd.records import Candidate, Example
from vpd.sampling.candidates import distinct, from_error, from_reply
from vpd.sampling.requests import Past, Requests


class Drawn(NamedTuple):
    """The candidates of one question in one round, numbered on from those before."""

    candidates: list[Candidate]
    complete: bool
    """Whether every reply is there, or never will be; if not, a later run asks again."""


class Sampler:
    """Draws candidates. One instance serves all questions of a run."""

    def __init__(
        self,
        requests: Requests,
        model: LanguageModel,
        stored: Callable[[Request], Mapping[int, Completion]],
    ) -> None:
        """
        Args:
            requests: what is asked.
            model: who is asked.
            stored: the completions of a request that are there already, by sample.
        """
        self._requests = requests
        self._model = model
        self._stored = stored

    async def draw(self, example: Example, number: int, past: Past) -> Drawn:
        """The candidates of round `number`, from 1.

        A reply without a program is a candidate with its `problem`, and so is a request that cannot be answered.

        Raises:
            RunError: nothing further can be asked: the key, the endpoint or the budget.
        """
        request = self._requests.request(example, number, past)
        blank = self._blank(example, number)
        try:
            replies = await self._model.complete(request)
        except RowError as error:
            failed = from_error(blank, error)
            drawn = [*self._received(request, blank), failed]
            return Drawn(distinct(drawn, past.candidates), failed.problem_type != "no_reply")
        return Drawn(distinct((from_reply(blank, each) for each in replies), past.candidates), True)

    def kept(self, example: Example, number: int, past: Past) -> Drawn:
        """The candidates of a round whose replies are there already; asks for nothing."""
        request = self._requests.request(example, number, past)
        drawn = self._received(request, self._blank(example, number))
        return Drawn(distinct(drawn, past.candidates), len(drawn) == request.n)

    def _received(self, request: Request, blank: Candidate) -> list[Candidate]:
        return [from_reply(blank, reply) for _, reply in sorted(self._stored(request).items())]

    def _blank(self, example: Example, number: int) -> Candidate:
        return Candidate(
            example_id=example.id, index=0, program="", round=number, model=self._model.identity.model
        )
