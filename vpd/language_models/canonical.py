"""What makes two requests the same: one canonical form, and the key that is its digest."""

import hashlib
import json
from typing import Any

from vpd.language_models.protocol import Identity, Message, Request, TextPart

SCHEMA_VERSION = 1
"""Raised when the meaning of a stored completion changes; older ones are then no longer found."""


def canonical(identity: Identity, request: Request) -> dict[str, Any]:
    """Everything that can change a request's completions, as plain JSON.

    How many completions are asked for, and from which sample on, is left out: each sample is stored by its
    own number. An image is known by its hash; its path is left out.
    """
    return {
        "schema": SCHEMA_VERSION,
        "endpoint": identity.endpoint,
        "model": identity.model,
        "parameters": dict(identity.parameters),
        "messages": [_message(message) for message in request.messages],
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_tokens": request.max_tokens,
        "stop": list(request.stop),
        "seed": request.seed,
        "log_probabilities": request.log_probabilities,
    }


def key(form: dict[str, Any]) -> str:
    """The SHA-256 of a canonical form, in hexadecimal; the order of its fields does not matter."""
    return hashlib.sha256(dump(form).encode("ascii")).hexdigest()


def dump(form: dict[str, Any]) -> str:
    return json.dumps(form, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _message(message: Message) -> dict[str, Any]:
    if isinstance(message.content, str):
        return {"role": message.role, "content": message.content}
    parts = [
        {"text": part.text} if isinstance(part, TextPart) else {"image": part.sha256}
        for part in message.content
    ]
    return {"role": message.role, "content": parts}
