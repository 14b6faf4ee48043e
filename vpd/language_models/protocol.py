"""What a language model is to the rest of the project: messages in, n completions out."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field

from vpd.language_models.errors import EmptyReplyError, RefusalError, RowError
from vpd.records import Json, Usage


class Value(BaseModel):
    """Immutable; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class TextPart(Value):
    type: Literal["text"] = "text"
    text: str


class ImagePart(Value):
    """An image file. Its content, not its path, is what a request is known by."""

    type: Literal["image"] = "image"
    path: Path
    sha256: str
    """Of the file's bytes; a file that no longer matches is refused, not sent."""


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]


class Message(Value):
    role: Literal["system", "user", "assistant"]
    content: str | tuple[Part, ...]


class Request(Value):
    """What is asked of a model: `n` completions of the same messages.

    Completions are numbered, so that asking for more later continues where the first request ended:
    `first_sample=3, n=2` are the samples 3 and 4 of the same question.
    """

    messages: tuple[Message, ...] = Field(min_length=1)
    n: int = Field(default=1, ge=1)
    first_sample: int = Field(default=0, ge=0)
    temperature: float = Field(default=1.0, ge=0)
    """0 takes the likeliest token each time; all samples are then alike."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    max_tokens: int = Field(default=1024, ge=1)
    """The most tokens that one completion may have."""
    stop: tuple[str, ...] = ()
    """Strings that end a completion; they are not part of it."""
    seed: int | None = None
    log_probabilities: bool = True
    """Whether to ask for the log-probability of each token."""

    @property
    def samples(self) -> range:
        return range(self.first_sample, self.first_sample + self.n)

    def seed_of(self, sample: int) -> int | None:
        """The seed of one sample, in [0, 2³¹).

        Hashed, so that sample 1 of seed 0 and sample 0 of seed 1 have nothing to do with each other.
        """
        if self.seed is None:
            return None
        digest = hashlib.sha256(f"{self.seed}:{sample}".encode()).digest()
        return int.from_bytes(digest[:4]) >> 1


def consecutive(samples: Sequence[int], longest: int | None = None) -> Iterator[range]:
    """Ascending samples as runs without a gap, none of more than `longest` samples."""
    start = 0
    for end in range(1, len(samples) + 1):
        full = end - start == longest
        if end == len(samples) or full or samples[end] != samples[end - 1] + 1:
            yield range(samples[start], samples[end - 1] + 1)
            start = end


FinishReason = Literal[
    "stop",  # the model ended its reply, or a stop string did
    "length",  # cut off at `max_tokens`
    "refusal",  # the model or its provider's filter declined
]


class Completion(Value):
    text: str
    finish_reason: FinishReason
    log_probabilities: tuple[float, ...] | None = None
    """Natural logarithm of each sampled token's probability; None where the model does not tell."""
    usage: Usage = Usage()
    """Its share of the request's tokens: over all completions of a request the shares add up."""

    @property
    def log_probability(self) -> float | None:
        """Natural logarithm of the completion's probability: the sum over its tokens."""
        return None if self.log_probabilities is None else math.fsum(self.log_probabilities)

    @property
    def problem(self) -> RowError | None:
        """Why this completion is no reply; None when it is one."""
        if self.finish_reason == "refusal":
            said = f" ({self.text.strip()[:200]})" if self.text.strip() else ""
            return RefusalError(f"the model declined to answer{said}; reword the prompt or use another model")
        if not self.text.strip():
            ended = "max_tokens ran out before any text" if self.finish_reason == "length" else "it is empty"
            return EmptyReplyError(f"the reply has no text: {ended}; raise max_tokens or use another model")
        return None


class Identity(NamedTuple):
    """Everything about a model, beyond the request, that can change its completions."""

    endpoint: str
    """The server's base URL, or `transformers` for a model in this process."""
    model: str
    parameters: Mapping[str, Json] = {}
    """The revision, the hash of the weights, fields added to every request."""

    def __str__(self) -> str:
        return f"{self.model} at {self.endpoint}"


class TokenCount(NamedTuple):
    tokens: int
    exact: bool
    """Whether the model's own tokenizer counted, rather than a rule of thumb."""


class Observer(Protocol):
    """Follows the traffic that one request causes: this is where a budget and a cache stand."""

    def sending(self) -> None:
        """Something is about to be sent; raise to hold it back. Called before retries, too."""
        ...

    def received(self, completions: Mapping[int, Completion]) -> None:
        """One reply has arrived: its completions, by sample. Called once for each reply, before any other
        use is made of it."""
        ...


class _Silent:
    def sending(self) -> None: ...

    def received(self, completions: Mapping[int, Completion]) -> None: ...


SILENT: Observer = _Silent()


class LanguageModel(Protocol):
    """A model that can be asked. One instance serves one event loop, any number of requests at once."""

    @property
    def identity(self) -> Identity: ...

    @property
    def samples_per_request(self) -> int | None:
        """The most completions that one reply holds, as far as is known; None for any number."""
        ...

    async def complete(self, request: Request, observer: Observer = SILENT) -> list[Completion]:
        """The `n` completions, in the order of their samples.

        A refusal of a single sample is a completion whose `problem` says so.

        Raises:
            RowError: this request cannot be answered; others may.
            RunError: nothing further can be answered: the key, the model, the endpoint or the budget.
        """
        ...

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        """How many tokens the model reads for these messages."""
        ...

    async def close(self) -> None:
        """Send nothing more, wait for the replies in flight, and let go of connections and memory."""
        ...
