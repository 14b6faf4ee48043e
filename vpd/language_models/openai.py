"""Models behind any OpenAI-compatible endpoint, through the official client."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from vpd.language_models import tokens, wire
from vpd.language_models.concurrency import AdaptiveLimit, Slot
from vpd.language_models.errors import (
    AuthenticationError,
    ConnectionFailedError,
    InvalidRequestError,
    LanguageModelError,
    RateLimitError,
    RunError,
    ServerError,
    TimedOutError,
    TransientError,
)
from vpd.language_models.faults import Fault, classify
from vpd.language_models.habits import Habits
from vpd.language_models.protocol import (
    SILENT,
    Completion,
    Identity,
    Message,
    Observer,
    Request,
    TokenCount,
    consecutive,
)
from vpd.language_models.retry import Health, retry_after, retrying
from vpd.language_models.scrubbing import scrub
from vpd.language_models.settings import OpenAISettings

if TYPE_CHECKING:
    from openai import APIStatusError

# Too busy, rather than broken: 408 timeout, 429 rate limit, 502 to 504 gateways, 529 overloaded.
_BUSY = {408, 429, 502, 503, 504, 529}


class OpenAIModel:
    """Asks an endpoint for completions: retries what may pass, adapts how much is in flight to what the
    endpoint bears, and remembers which fields of the API it does not know."""

    def __init__(self, settings: OpenAISettings) -> None:
        """
        Raises:
            AuthenticationError: the environment variable that should hold the key is not set.
        """
        import openai

        self._settings = settings
        self._key = _key(settings)
        self._client = openai.AsyncOpenAI(
            base_url=settings.base_url,
            api_key=self._key or "none",  # the client insists on one
            max_retries=0,
            timeout=settings.timeout,
            # The default transport's connection pool takes time in proportion to its size at every request.
            http_client=openai.DefaultAioHttpClient(),
        )
        self._limit = AdaptiveLimit(settings.max_concurrency)
        self._habits = Habits(settings.samples_per_request)
        self._health = Health()

    @property
    def identity(self) -> Identity:
        return Identity(self._settings.base_url, self._settings.model, self._settings.extra_body)

    @property
    def samples_per_request(self) -> int:
        return self._habits.samples_per_request

    async def complete(self, request: Request, observer: Observer = SILENT) -> list[Completion]:
        """As in `LanguageModel`. Where a server gives fewer completions than it is asked for, the rest are
        asked for in requests of their own. Every request that was sent is waited for before an error is
        raised, so that nothing paid for is dropped."""
        done: dict[int, Completion] = {}
        while missing := [s for s in request.samples if s not in done]:
            parts = consecutive(missing, self.samples_per_request)
            asked = [self._ask(request, part, observer) for part in parts]
            outcomes = await asyncio.gather(*asked, return_exceptions=True)
            errors = [o for o in outcomes if isinstance(o, BaseException)]
            if errors:
                raise next((e for e in errors if isinstance(e, RunError)), errors[0])
            for outcome in outcomes:
                if not isinstance(outcome, BaseException):
                    done |= outcome
        return [done[sample] for sample in request.samples]

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        return tokens.count(messages, self._settings.model, self._settings.tokenizer)

    async def close(self) -> None:
        await self._limit.close()
        await self._client.close()

    async def _ask(self, request: Request, samples: range, observer: Observer) -> dict[int, Completion]:
        policy = retrying(
            self._settings.max_attempts, self._settings.patience, self._health, self._limit.sleep
        )
        try:
            return await policy(self._attempt, request, samples, observer)
        except TransientError as error:
            raise (error if isinstance(error, RateLimitError) else self._health.give_up(error)) from None

    async def _attempt(self, request: Request, samples: range, observer: Observer) -> dict[int, Completion]:
        while True:
            async with self._limit.slot() as slot:
                body = wire.request_body(request, samples, self._settings.model, self._habits)
                observer.sending()
                reply = await self._post(body, slot)
                if reply is None:
                    continue
                found = wire.completions(reply, request, len(samples))
                if not found:
                    raise self._no_completions(reply)
                self._health.replied()
                done = dict(zip(samples, found, strict=False))
                observer.received(done)
                self._habits.saw(len(samples), len(found))
                return done

    async def _post(self, body: dict[str, Any], slot: Slot) -> Any:
        """The parsed reply; None when the server objects to a field that can be left out from now on."""
        import openai

        try:
            # The client's own timeout starts anew with every byte.
            async with asyncio.timeout(self._settings.timeout):
                reply = await self._client.post(
                    "/chat/completions", cast_to=object, body=body | self._settings.extra_body
                )
        except openai.APIStatusError as error:
            fault = self._fault(error)
            if fault.status in _BUSY:
                pause = fault.retry_after or 0.0
                # What is longer than our patience ends the run; there is nothing to wait for.
                slot.congested(pause if pause <= self._settings.patience else 0.0)
            typed = self._typed(fault)
            field = error.param
            if isinstance(typed, InvalidRequestError) and self._habits.learn(fault.message, field, body):
                return None
            raise typed from None
        except (TimeoutError, openai.APIConnectionError) as error:
            slot.congested()
            raise self._no_reply(error) from None
        except (ValueError, openai.APIError) as error:
            raise ServerError(
                f"{self.identity} sent a broken reply ({scrub(str(error), self._key)}); run again later"
            ) from None
        slot.answered()
        return reply

    def _no_reply(self, error: Exception) -> LanguageModelError:
        # The client reports some broken connections as timeouts, too.
        causes = list(_causes(error))
        if any(isinstance(cause, TimeoutError) for cause in causes):
            return TimedOutError(
                f"{self.identity} sent no complete reply within {self._settings.timeout:g} s; "
                "raise `timeout`, lower max_concurrency, or run again later"
            )
        reason = scrub(str(causes[-1]) or type(causes[-1]).__name__, self._key)
        return ConnectionFailedError(
            f"cannot talk to {self.identity} ({reason}); see that the server runs and `base_url` is right"
        )

    def _no_completions(self, reply: Any) -> LanguageModelError:
        """The error of a reply that claims success but has no completion in it."""
        if found := wire.error_in(reply):
            status, message = found
            return self._typed(Fault(status or 500, scrub(message, self._key)))
        return ServerError(f"{self.identity} sent a reply without completions; run again later")

    def _typed(self, fault: Fault) -> LanguageModelError:
        return classify(fault, str(self.identity), self._settings.api_key_env)

    def _fault(self, error: "APIStatusError") -> Fault:
        headers = error.response.headers
        return Fault(
            status=error.status_code,
            message=scrub(wire.error_message(error.body) or error.message, self._key),
            code=scrub(f"{error.code or ''} {error.type or ''}", self._key),
            retry_after=retry_after(headers.get("retry-after"), headers.get("retry-after-ms")),
        )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__


def _key(settings: OpenAISettings) -> str | None:
    variable = settings.api_key_env
    if variable is None:
        return None
    if key := os.environ.get(variable, "").strip():
        return key
    raise AuthenticationError(
        f"the environment variable {variable} is not set: put the key for {settings.base_url} in it, or set "
        "`api_key_env: null` if that server needs none"
    )
