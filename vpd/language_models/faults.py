"""A server's refusal, in status, code and words, to the typed error that says what to do."""

import re
from dataclasses import dataclass

from vpd.language_models.errors import (
    AuthenticationError,
    ContextLengthError,
    InvalidRequestError,
    LanguageModelError,
    ModelNotFoundError,
    QuotaError,
    RateLimitError,
    RefusalError,
    ServerError,
)

_CONTEXT = re.compile(
    r"context_length|context[ _](length|window|size)|maximum context|prompt is too long|input is too long"
    r"|too many (input )?tokens|reduce the length|max_new_tokens",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"content[ _](management )?(policy|filter)|responsible ?ai|safety system|flagged", re.IGNORECASE
)
_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|billing|out of credits", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """What a server said no with, its words already scrubbed of keys."""

    status: int
    message: str
    code: str = ""
    retry_after: float | None = None
    """Seconds."""


def classify(fault: Fault, where: str, key_variable: str | None) -> LanguageModelError:
    """The typed error for a fault of `where`, the model and its endpoint."""
    said = f"{fault.status}: {fault.message}" if fault.message else f"{fault.status}"
    text = f"{fault.code} {fault.message}"
    status = fault.status
    if status == 402 or (status == 429 and _QUOTA.search(text)):
        return QuotaError(f"the account for {where} has no credit left ({said}); add some and run again")
    if status == 429:
        asks = f", asking to wait {fault.retry_after:.0f} s" if fault.retry_after else ""
        return RateLimitError(
            f"{where} turns requests away for longer than `patience` ({said}{asks}); run again later, or lower "
            "max_concurrency or raise patience",
            fault.retry_after,
        )
    if status in (400, 413, 422) and _CONTEXT.search(text):
        return ContextLengthError(
            f"the prompt is too long for {where} ({said}); shorten it, lower max_tokens or use a model that "
            "reads more"
        )
    if status in (400, 403, 451) and _REFUSAL.search(text):
        return RefusalError(f"{where} declined the prompt ({said}); reword it or use another model")
    if status in (401, 403):
        return AuthenticationError(f"{where} refused the key ({said}); {_mend_key(key_variable)}")
    if status in (404, 405):
        return ModelNotFoundError(f"there is no {where} ({said}); correct `model` or `base_url`")
    if 400 <= status < 500 and status not in (408, 409, 425):
        return InvalidRequestError(
            f"{where} calls the request malformed ({said}); correct the setting that it names"
        )
    return ServerError(f"{where} failed ({said}); run again later", fault.retry_after)


def _mend_key(variable: str | None) -> str:
    if variable is None:
        return "name the environment variable that holds a valid one in `api_key_env`"
    return f"set the environment variable {variable} to a valid one"
