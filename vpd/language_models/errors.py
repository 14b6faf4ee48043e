"""What can go wrong with a language model: errors that cost one row, and errors that end the run."""

from vpd.errors import UserError


class LanguageModelError(UserError):
    """A request has no completions. One sentence: what happened, where, and what to do."""


class RowError(LanguageModelError):
    """This request cannot be answered; others may. The row carries the message as its problem."""


class RunError(LanguageModelError):
    """No further request can be answered. The run stops; the same command continues it once mended."""


class ContextLengthError(RowError):
    """Prompt and `max_tokens` together exceed what the model can read."""


class RefusalError(RowError):
    """The model, or its provider's content filter, declined."""


class EmptyReplyError(RowError):
    """The model answered with no text."""


class InvalidRequestError(RowError):
    """The server calls the request malformed, or an image cannot be read."""


class TransientError(LanguageModelError):
    """May pass by itself, so it is tried again."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds that the server asks to wait."""


class ServerError(RowError, TransientError):
    """The server failed or sent a broken reply, in every attempt."""


class TimedOutError(RowError, TransientError):
    """No complete reply arrived in time, in every attempt."""


class ConnectionFailedError(RowError, TransientError):
    """The connection could not be made, or broke, in every attempt."""


class RateLimitError(RunError, TransientError):
    """The endpoint has turned every request away for longer than the settings' patience."""


class EndpointDownError(RunError):
    """Many requests in a row were given up, with no reply between them."""


class AuthenticationError(RunError):
    """The key is missing, wrong, or not allowed to use this model."""


class QuotaError(RunError):
    """The account has no credit left."""


class ModelNotFoundError(RunError):
    """The endpoint or the model does not exist, or the model cannot be loaded."""


class BudgetSpent(RunError):
    """The run's budget of tokens or money is used up; everything received so far is kept."""


class ClosedError(RunError):
    """The model was closed while the request waited to be sent."""


class CacheError(RunError):
    """The response cache cannot be opened, read or written."""
