"""Causal models of the transformers library, generated from in this process, many requests in one batch."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from vpd.language_models import weights
from vpd.language_models.chat import prompt_ids
from vpd.language_models.errors import (
    ClosedError,
    ContextLengthError,
    InvalidRequestError,
    LanguageModelError,
    ServerError,
)
from vpd.language_models.generation import Job, Output, generate
from vpd.language_models.protocol import (
    SILENT,
    Completion,
    Identity,
    Message,
    Observer,
    Request,
    TokenCount,
)
from vpd.language_models.settings import TransformersSettings
from vpd.language_models.tokens import images_in, load_tokenizer
from vpd.language_models.usage import split
from vpd.records import Usage


@dataclass(eq=False, slots=True)
class _Call:
    """One request on its way through the batches."""

    request: Request
    observer: Observer
    prompt: tuple[int, ...]
    outcome: asyncio.Future[dict[int, Completion]]
    done: dict[int, Completion] = field(default_factory=dict[int, Completion])

    def job(self, sample: int) -> Job:
        request = self.request
        return Job(
            prompt=self.prompt,
            temperature=request.temperature,
            top_p=request.top_p,
            max_tokens=request.max_tokens,
            stop=request.stop,
            seed=request.seed_of(sample),
        )

    def completion(self, sample: int, output: Output) -> Completion:
        request = self.request
        # As an endpoint bills: the prompt once for each request.
        prompt_shares = split(len(self.prompt), [1.0] * request.n)
        usage = Usage(
            prompt_tokens=prompt_shares[sample - request.first_sample],
            completion_tokens=len(output.log_probabilities),
        )
        return Completion(
            text=output.text,
            finish_reason=output.finish_reason,
            log_probabilities=output.log_probabilities if request.log_probabilities else None,
            usage=usage,
        )

    def fail(self, error: BaseException) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(error)


class TransformersModel:
    """Generates in a thread. What is asked while one batch runs makes up the next one; nothing waits on a
    timer. A sample with a seed comes out the same whatever it shares a batch with, up to rounding."""

    def __init__(self, settings: TransformersSettings) -> None:
        """
        Raises:
            ModelNotFoundError: torch or transformers is not installed.
        """
        weights.require_packages()
        self._settings = settings
        self._identity: Identity | None = None
        self._batch_size = settings.batch_size
        self._loading: asyncio.Task[weights.Loaded] | None = None
        self._queue: deque[tuple[_Call, int]] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def identity(self) -> Identity:
        if self._identity is None:
            self._identity = weights.identity(self._settings)
        return self._identity

    @property
    def samples_per_request(self) -> None:
        return None

    async def complete(self, request: Request, observer: Observer = SILENT) -> list[Completion]:
        """As in `LanguageModel`. Log-probabilities are those of the model's own distribution, before
        temperature and top-p, one for each sampled token, the one that ended the completion included.

        Raises:
            ModelNotFoundError: the model cannot be loaded.
            ContextLengthError: prompt and `max_tokens` are longer than the model's context.
            InvalidRequestError: the messages hold an image, or the chat template refuses them.
            ServerError: the model fails on this request, memory running out included.
        """
        loaded = await self._load()
        call = _Call(
            request, observer, self._prompt(loaded, request), asyncio.get_running_loop().create_future()
        )
        if self._closed:
            raise _closed()
        self._queue.extend((call, sample) for sample in request.samples)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._drain(loaded))
        done = await call.outcome
        return [done[sample] for sample in request.samples]

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        tokenizer = load_tokenizer(self._settings.model, self._settings.revision)
        return TokenCount(len(prompt_ids(tokenizer, messages)), exact=True)

    async def close(self) -> None:
        self._closed = True
        while self._queue:
            self._queue.popleft()[0].fail(_closed())
        if self._worker:
            await self._worker
        self._loading = None

    async def _load(self) -> weights.Loaded:
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(weights.load, self._settings))
        return await asyncio.shield(self._loading)

    def _prompt(self, loaded: weights.Loaded, request: Request) -> tuple[int, ...]:
        if images_in(request.messages):
            raise InvalidRequestError(
                f"{self.identity.model} reads no images; use a model behind an endpoint that does"
            )
        prompt = tuple(prompt_ids(loaded.tokenizer, request.messages))
        if not prompt:
            raise InvalidRequestError("the messages have no text; write a prompt")
        needed = len(prompt) + request.max_tokens
        if loaded.context is not None and needed > loaded.context:
            raise ContextLengthError(
                f"the prompt of {len(prompt)} tokens and max_tokens {request.max_tokens} exceed the "
                f"{loaded.context} tokens that {self.identity.model} reads; shorten the prompt or lower "
                "max_tokens"
            )
        return prompt

    async def _drain(self, loaded: weights.Loaded) -> None:
        while self._queue:
            batch = self._next_batch()
            jobs = [call.job(sample) for call, sample in batch]
            try:
                outputs = await asyncio.to_thread(self._generate, loaded, jobs) if jobs else []
            except Exception as error:  # noqa: BLE001 -- whoever waits for this batch must hear of it
                for call, _ in batch:
                    call.fail(error)
            else:
                self._deliver(batch, outputs)

    def _next_batch(self) -> list[tuple[_Call, int]]:
        batch: list[tuple[_Call, int]] = []
        while self._queue and len(batch) < self._batch_size:
            call, sample = self._queue.popleft()
            if call.outcome.done():  # given up, or failed with another sample
                continue
            try:
                call.observer.sending()
            except Exception as error:  # noqa: BLE001 -- the caller's own, and for the caller to hear of
                call.fail(error)
            else:
                batch.append((call, sample))
        return batch

    def _generate(self, loaded: weights.Loaded, jobs: Sequence[Job]) -> list[Output | LanguageModelError]:
        """One outcome for each job. A batch that fails is halved until the failing job is alone."""
        import torch

        try:
            return list(generate(loaded.model, loaded.tokenizer, loaded.end_tokens, jobs))
        except RuntimeError as error:  # what torch raises for everything
            if len(jobs) == 1:
                reason = (str(error).strip() or type(error).__name__).splitlines()[0]
                return [
                    ServerError(
                        f"{self.identity.model} failed on this request ({reason}); shorten the prompt or "
                        "lower max_tokens"
                    )
                ]
            half = len(jobs) // 2
            if isinstance(error, torch.OutOfMemoryError):
                self._batch_size = min(self._batch_size, half)
        return self._generate(loaded, jobs[:half]) + self._generate(loaded, jobs[half:])

    def _deliver(
        self, batch: Sequence[tuple[_Call, int]], outputs: Sequence[Output | LanguageModelError]
    ) -> None:
        arrived: dict[_Call, dict[int, Completion]] = defaultdict(dict)
        errors: list[tuple[_Call, Exception]] = []
        for (call, sample), output in zip(batch, outputs, strict=True):
            if isinstance(output, LanguageModelError):
                errors.append((call, output))
            else:
                arrived[call][sample] = call.completion(sample, output)
        for call, completions in arrived.items():
            try:
                call.observer.received(completions)
            except Exception as error:  # noqa: BLE001 -- as above
                errors.append((call, error))
                continue
            call.done |= completions
            if len(call.done) == call.request.n and not call.outcome.done():
                call.outcome.set_result(call.done)
        for call, error in errors:
            call.fail(error)


def _closed() -> ClosedError:
    return ClosedError("the language model was closed before this request was run; run the command again")
