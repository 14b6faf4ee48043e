"""Language models as the rewriter sees them: one that notes what it could not get, one that sends nothing."""

from collections.abc import Sequence

from vpd.language_models.cache import ResponseCache
from vpd.language_models.canonical import canonical, key
from vpd.language_models.errors import BudgetSpent, RowError, TransientError
from vpd.language_models.protocol import (
    SILENT,
    Completion,
    Identity,
    LanguageModel,
    Message,
    Observer,
    Request,
    TokenCount,
)


class _Around:
    """A model behind another face."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    @property
    def identity(self) -> Identity:
        return self._model.identity

    @property
    def samples_per_request(self) -> int | None:
        return self._model.samples_per_request

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        return self._model.count_tokens(messages)

    async def close(self) -> None:
        await self._model.close()


class Watched(_Around):
    """Notes, on behalf of one question, that a later run may get what this one could not.

    A spent budget costs the request, not the run: replies that are in the cache are there all the same.
    """

    spent: BudgetSpent | None = None
    failed: bool = False
    """Whether the endpoint failed in every attempt."""

    async def complete(self, request: Request, observer: Observer = SILENT) -> list[Completion]:
        try:
            return await self._model.complete(request, observer)
        except BudgetSpent as spent:
            self.spent = spent
            raise RowError(str(spent)) from spent
        except TransientError as error:
            self.failed = isinstance(error, RowError)
            raise


class Preview(_Around):
    """Gathers what would be asked; answers from the cache alone."""

    def __init__(self, model: LanguageModel, cache: ResponseCache) -> None:
        super().__init__(model)
        self._cache = cache
        self.requests: list[Request] = []

    async def complete(self, request: Request, observer: Observer = SILENT) -> list[Completion]:
        self.requests.append(request)
        stored = self._cache.get(key(canonical(self.identity, request)), request.samples)
        if len(stored) < request.n:
            raise RowError("nothing is asked in a dry run")
        return [stored[sample] for sample in request.samples]
