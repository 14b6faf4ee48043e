"""A language model that pays for nothing twice and for nothing beyond its budget."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from vpd.language_models.budget import Budget
from vpd.language_models.cache import ResponseCache
from vpd.language_models.canonical import canonical, key
from vpd.language_models.database import Database
from vpd.language_models.protocol import (
    SILENT,
    Completion,
    Identity,
    LanguageModel,
    Message,
    Observer,
    Request,
    TokenCount,
    consecutive,
)


class CachedModel:
    """The same model behind a response cache and a budget.

    A reply is committed to the cache, and charged to the budget, before anyone sees it. What was answered
    before, in any run, is not asked again; what is being asked is asked once, however many wait for it.
    Refusals and empty replies are handed out but not kept, so they are asked again the next time.
    """

    def __init__(self, model: LanguageModel, database: Database, budget: Budget | None = None) -> None:
        self._model = model
        self._database = database
        self._cache = ResponseCache(database)
        self._budget = budget
        self._awaited: dict[tuple[str, int], asyncio.Future[Completion]] = {}
        self._fetches: set[asyncio.Task[object]] = set()

    @property
    def identity(self) -> Identity:
        return self._model.identity

    @property
    def samples_per_request(self) -> int | None:
        return self._model.samples_per_request

    async def complete(self, request: Request, observer: Observer = SILENT) -> list[Completion]:
        """As in `LanguageModel`; the observer hears of what is really sent on behalf of this call.

        A request that was sent is seen through to the cache, even when this call is cancelled.

        Raises:
            BudgetSpent: something would have had to be sent after the budget's limit was reached.
            CacheError: the cache cannot be read or written.
        """
        form = canonical(self.identity, request)
        request_key = key(form)
        done = self._cache.get(request_key, request.samples)
        missing = [sample for sample in request.samples if sample not in done]
        fresh = [sample for sample in missing if not self._in_flight(request_key, sample)]
        for part in consecutive(fresh):
            self._fetch(form, request_key, request, part, observer)
        futures = {sample: self._awaited[request_key, sample] for sample in missing}
        if futures:
            await asyncio.wait(futures.values())
        done |= {sample: future.result() for sample, future in futures.items()}
        return [done[sample] for sample in request.samples]

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        return self._model.count_tokens(messages)

    async def close(self) -> None:
        await self._model.close()
        await asyncio.gather(*self._fetches, return_exceptions=True)

    def _in_flight(self, request_key: str, sample: int) -> bool:
        future = self._awaited.get((request_key, sample))
        return future is not None and not future.done()

    def _fetch(
        self, form: dict[str, Any], request_key: str, request: Request, part: range, observer: Observer
    ) -> None:
        """Ask the model for some samples, in a task that no caller's cancellation reaches."""
        loop = asyncio.get_running_loop()
        futures = {sample: loop.create_future() for sample in part}
        self._awaited |= {(request_key, sample): future for sample, future in futures.items()}
        recorder = _Recorder(self._database, self._budget, self.identity, form, futures, observer)
        asked = request.model_copy(update={"n": len(part), "first_sample": part.start})
        task = loop.create_task(self._model.complete(asked, recorder))
        self._fetches.add(task)
        task.add_done_callback(partial(self._settle, request_key, futures))

    def _settle(
        self, request_key: str, futures: Mapping[int, asyncio.Future[Completion]], task: asyncio.Task[object]
    ) -> None:
        self._fetches.discard(task)
        for sample, future in futures.items():
            if self._awaited.get((request_key, sample)) is future:
                del self._awaited[request_key, sample]
            if future.done():
                continue
            error = None if task.cancelled() else task.exception()
            if error is None:
                future.cancel()
            else:
                future.set_exception(error)
                future.exception()  # it may be that nobody waits for it any more


@dataclass(frozen=True, slots=True)
class _Recorder:
    """Stands between a fetch and the model: checks the budget before, commits after."""

    database: Database
    budget: Budget | None
    model: Identity
    form: dict[str, Any]
    futures: Mapping[int, asyncio.Future[Completion]]
    observer: Observer

    def sending(self) -> None:
        if self.budget:
            self.budget.check()
        self.observer.sending()

    def received(self, completions: Mapping[int, Completion]) -> None:
        with self.database.transaction():
            kept = ResponseCache(self.database).put(self.form, completions)
            if self.budget:
                self.budget.charge(self.model, [c.usage for c in completions.values()])
        for sample, completion in kept.items():
            if not self.futures[sample].done():  # cancelled when the loop ends
                self.futures[sample].set_result(completion)
        self.observer.received(kept)
