"""When a request is tried again, after how long, and when it or the whole endpoint is given up."""

import math
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from vpd.language_models.errors import EndpointDownError, LanguageModelError, RateLimitError, TransientError

if TYPE_CHECKING:
    from tenacity import AsyncRetrying, RetryCallState

# Requests given up in a row, with no reply between them, after which the endpoint counts as down.
_GIVEN_UP_IN_A_ROW = 10
_LONGEST_WAIT = 10.0


class Health:
    """What the requests to one endpoint know together about its state."""

    def __init__(self) -> None:
        self.last_reply = time.monotonic()
        self._given_up = 0

    def replied(self) -> None:
        self.last_reply = time.monotonic()
        self._given_up = 0

    def give_up(self, error: LanguageModelError) -> LanguageModelError:
        """The error to end a request with once its attempts are used up: its own, or the endpoint's."""
        self._given_up += 1
        if self._given_up < _GIVEN_UP_IN_A_ROW:
            return error
        return EndpointDownError(
            f"{self._given_up} requests in a row were given up, the last one because {error}"
        )


def retrying(
    attempts: int, patience: float, health: Health, sleep: Callable[[float], Awaitable[None]]
) -> "AsyncRetrying":
    """The policy for one request: transient errors are tried again after a pause that grows and is random.

    Args:
        attempts: how many failures end the request.
        patience: seconds without a reply to any request after which a rate limit ends it. While others are
            answered, a request that is turned away waits on.
        health: of the endpoint.
        sleep: waits that many seconds.
    """
    from tenacity import AsyncRetrying, retry_if_exception_type

    return AsyncRetrying(
        retry=retry_if_exception_type(TransientError),
        stop=_Stop(attempts, patience, health),
        wait=_wait,
        sleep=sleep,
        reraise=True,
    )


class _Stop:
    def __init__(self, attempts: int, patience: float, health: Health) -> None:
        self._attempts = attempts
        self._patience = patience
        self._health = health
        self._failures = 0
        self._limited_since: float | None = None

    def __call__(self, state: "RetryCallState") -> bool:
        error = _error(state)
        if isinstance(error, RateLimitError):
            now = time.monotonic()
            self._limited_since = self._limited_since or now
            waited = now - max(self._limited_since, self._health.last_reply)
            return max(waited, error.retry_after or 0.0) > self._patience
        self._failures += 1
        return self._failures >= self._attempts


def _wait(state: "RetryCallState") -> float:
    """Seconds until the next attempt: what the server asks for, then a random part of a doubling bound."""
    jitter = random.uniform(0.0, min(_LONGEST_WAIT, 0.5 * 2 ** min(state.attempt_number, 10)))  # noqa: S311
    error = _error(state)
    asked = error.retry_after if isinstance(error, TransientError) else None
    return (asked or 0.0) + jitter


def _error(state: "RetryCallState") -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def retry_after(seconds: str | None, milliseconds: str | None = None) -> float | None:
    """Seconds of the `Retry-After` header (seconds or a date) or of `retry-after-ms`; None if unclear."""
    for value, unit in ((milliseconds, 1e-3), (seconds, 1.0)):
        try:
            number = float(value or "")
        except ValueError:
            continue
        if math.isfinite(number):
            return max(0.0, number * unit)
    try:
        date = parsedate_to_datetime(seconds or "")
    except ValueError:
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
