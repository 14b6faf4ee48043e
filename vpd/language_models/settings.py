"""The part of a recipe that chooses a language model, and the model made from it."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from vpd.language_models.protocol import LanguageModel
from vpd.records import Json, Usage


class _Settings(BaseModel):
    # A key written where none belongs must not come back in the message about it.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)


class Prices(_Settings):
    """What tokens cost, per million, in the currency of the budget."""

    input: float = Field(ge=0)
    cached_input: float | None = Field(default=None, ge=0)
    """Of prompt tokens that the provider read from its own cache; the same as `input` when left out."""
    output: float = Field(ge=0)

    def cost(self, usage: Usage) -> float:
        cached_price = self.input if self.cached_input is None else self.cached_input
        fresh = usage.prompt_tokens - usage.cached_prompt_tokens
        return (
            fresh * self.input
            + usage.cached_prompt_tokens * cached_price
            + usage.completion_tokens * self.output
        ) / 1e6


class OpenAISettings(_Settings):
    """A model behind an OpenAI-compatible endpoint."""

    provider: Literal["openai"] = "openai"
    model: str
    base_url: str = "https://api.openai.com/v1"
    api_key_env: str | None = "OPENAI_API_KEY"
    """The environment variable that holds the key; null for a server that needs none."""
    timeout: float = Field(default=180.0, gt=0)
    """Seconds within which a whole reply must have arrived."""
    max_attempts: int = Field(default=8, ge=1)
    """How often a request is sent when the server fails, stalls or breaks the connection."""
    patience: float = Field(default=600.0, gt=0)
    """Seconds for which a rate limit may hold up every request before the run stops."""
    max_concurrency: int = Field(default=64, ge=1, le=1000)
    """The most requests in flight; fewer are sent while the endpoint shows that it is too many."""
    samples_per_request: int = Field(default=128, ge=1)
    """The most completions that the server gives in one request."""
    extra_body: dict[str, Json] = Field(default_factory=dict)
    """Fields added to every request, e.g. `reasoning_effort: low`."""
    tokenizer: str | None = None
    """Folder or hub id of the served model's tokenizer, to count prompt tokens before anything is sent."""
    prices: Prices | None = None

    @field_validator("base_url")
    @classmethod
    def _plain_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an http or https URL, such as http://localhost:8000/v1")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must hold no key or password: name the variable with the key in api_key_env")
        return url.rstrip("/")


class TransformersSettings(_Settings):
    """A causal model of the transformers library, run in this process."""

    provider: Literal["transformers"] = "transformers"
    model: str
    """A folder, or a hub id."""
    revision: str | None = None
    """Commit or tag on the hub; give one for results that stay the same."""
    device: str = "auto"
    """`cpu`, `cuda`, `cuda:1`; auto takes the first GPU if there is one."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """auto keeps the type that the weights are stored in."""
    batch_size: int = Field(default=16, ge=1)
    """The most completions generated at once; halved when memory runs out."""
    prices: Prices | None = None


LanguageModelSettings = Annotated[OpenAISettings | TransformersSettings, Field(discriminator="provider")]


def create(settings: OpenAISettings | TransformersSettings) -> LanguageModel:
    """The model that the settings describe. Nothing is loaded or sent yet.

    Raises:
        AuthenticationError: the variable that should hold the key is not set.
        ModelNotFoundError: the library that runs the model is not installed.
    """
    if isinstance(settings, OpenAISettings):
        from vpd.language_models.openai import OpenAIModel

        return OpenAIModel(settings)
    from vpd.language_models.transformers import TransformersModel

    return TransformersModel(settings)
