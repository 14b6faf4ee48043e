"""Counting tokens before anything is sent: with the model's tokenizer where there is one, else by rule."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from vpd.language_models.chat import flatten, prompt_ids
from vpd.language_models.errors import ModelNotFoundError
from vpd.language_models.protocol import Message, TextPart, TokenCount

# Of one message: its role and the marks around it, as in OpenAI's chat format.
_PER_MESSAGE = 4
# Of one image. Providers differ by a factor of ten; this is a 768 × 768 image at OpenAI.
_PER_IMAGE = 765

_PIECE = re.compile(r"[^\W\d_]+|\d{1,3}|\s*\n+|[^\w\s]|_")


def estimate(messages: Sequence[Message]) -> int:
    """About how many tokens the messages have; within a fifth for English and code, worse for the rest."""
    return sum(_PER_MESSAGE + text_tokens(flatten(m)) + _PER_IMAGE * images_in([m]) for m in messages) + 3


def text_tokens(text: str) -> int:
    """About how many tokens a text has.

    Words of up to seven letters, up to three digits, and single signs are one token each; longer words, and
    letters beyond ASCII, are more.
    """
    return sum(
        1 if len(piece) <= 7 and piece.isascii() else -(-len(piece.encode("utf-8", "replace")) // 4)
        for piece in _PIECE.findall(text)
    )


def images_in(messages: Sequence[Message]) -> int:
    parts = (part for m in messages if not isinstance(m.content, str) for part in m.content)
    return sum(not isinstance(part, TextPart) for part in parts)


def count(messages: Sequence[Message], model: str, tokenizer: str | None) -> TokenCount:
    """Tokens of a prompt for a model behind an endpoint.

    Exact with a Hugging Face tokenizer that holds the served chat template, or where tiktoken knows the
    model; images are always an estimate.

    Raises:
        ModelNotFoundError: the tokenizer cannot be loaded.
    """
    images = images_in(messages)
    if tokenizer:
        tokens = len(prompt_ids(load_tokenizer(tokenizer), messages))
        return TokenCount(tokens + _PER_IMAGE * images, exact=images == 0)
    if encode := _tiktoken_encoder(model):
        # OpenAI's cookbook: three tokens around each message, one for its role, three that open the reply.
        tokens = sum(_PER_MESSAGE + len(encode(flatten(m))) for m in messages) + 3
        return TokenCount(tokens + _PER_IMAGE * images, exact=images == 0)
    return TokenCount(estimate(messages), exact=False)


@lru_cache(maxsize=4)
def load_tokenizer(name: str, revision: str | None = None) -> Any:
    """A tokenizer from a folder or the hub.

    Raises:
        ModelNotFoundError: it does not exist there, or transformers is not installed.
    """
    try:
        from transformers import AutoTokenizer
    except ImportError:
        raise ModelNotFoundError(
            f'the tokenizer {name} needs transformers: pip install "vpd[models]"'
        ) from None
    try:
        return AutoTokenizer.from_pretrained(name, revision=revision, trust_remote_code=False)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelNotFoundError(
            f"the tokenizer {name} cannot be loaded ({reason}); name a folder or hub id that holds one"
        ) from None


@lru_cache(maxsize=4)
def _tiktoken_encoder(model: str) -> Callable[[str], list[int]] | None:
    """OpenAI's tokenizer, where tiktoken is installed, knows the model and can get its vocabulary."""
    try:
        import tiktoken
    except ImportError:
        return None
    try:
        return tiktoken.encoding_for_model(model).encode_ordinary
    except KeyError:
        return None
    except OSError:  # the vocabulary is downloaded on first use
        return None
