"""The OpenAI chat format: requests to JSON bodies, JSON replies to completions. Trusts nothing it reads."""

import math
from collections.abc import Sequence
from typing import Any, cast

from vpd.language_models.habits import Habits
from vpd.language_models.images import data_url
from vpd.language_models.protocol import Completion, FinishReason, Message, Request, TextPart
from vpd.language_models.tokens import estimate, text_tokens
from vpd.language_models.usage import split_usage
from vpd.records import Json, Usage


def request_body(request: Request, samples: range, model: str, habits: Habits) -> dict[str, Any]:
    """The JSON body that asks for these samples, leaving out what the server is known to refuse."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [_message(message) for message in request.messages],
        "temperature": request.temperature,
        habits.length_field: request.max_tokens,
    }
    if request.top_p < 1:
        body["top_p"] = request.top_p
    if request.stop:
        body["stop"] = list(request.stop)
    optional = {
        "n": len(samples) if len(samples) > 1 else None,
        "seed": request.seed_of(samples[0]),
        "logprobs": request.log_probabilities or None,
    }
    body |= {k: v for k, v in optional.items() if v is not None and k not in habits.rejected}
    return body


def completions(reply: Any, request: Request, asked: int) -> list[Completion]:
    """The completions in a reply, at most as many as were asked for; none if it holds none."""
    choices = [c for c in _list(_get(reply, "choices")) if isinstance(_get(c, "message"), dict)][:asked]
    parsed = [_choice(choice) for choice in choices]
    usage = _usage(reply) or _assumed_usage(request.messages, parsed)
    shares = split_usage(usage, [_weight(c) for c in parsed])
    return [c.model_copy(update={"usage": share}) for c, share in zip(parsed, shares, strict=True)]


def error_in(reply: Any) -> tuple[int | None, str] | None:
    """Status and message where a reply that claims success holds an error instead."""
    error = _get(reply, "error")
    if not error:
        return None
    status = _get(error, "code")
    return (status if isinstance(status, int) else None), error_message(error) or str(error)


def error_message(body: object) -> str:
    """What an error's body says, under any of the usual names; empty if it says nothing readable."""
    if isinstance(body, str):
        return body
    for name in ("message", "detail", "error"):
        if value := _get(body, name):
            return error_message(value) if isinstance(value, dict) else str(value)
    return ""


def _weight(completion: Completion) -> float:
    if completion.log_probabilities:
        return float(len(completion.log_probabilities))
    return float(text_tokens(completion.text) + 1)


def _message(message: Message) -> dict[str, Any]:
    if isinstance(message.content, str):
        return {"role": message.role, "content": message.content}
    parts: list[Json] = [
        {"type": "text", "text": part.text}
        if isinstance(part, TextPart)
        else {"type": "image_url", "image_url": {"url": data_url(part)}}
        for part in message.content
    ]
    return {"role": message.role, "content": parts}


def _choice(choice: Any) -> Completion:
    message = _get(choice, "message")
    text = _text(_get(message, "content"))
    refusal = _get(message, "refusal")
    reason: FinishReason = "length" if _get(choice, "finish_reason") == "length" else "stop"
    if refusal or _get(choice, "finish_reason") == "content_filter":
        text, reason = text or (refusal if isinstance(refusal, str) else ""), "refusal"
    return Completion(text=text, finish_reason=reason, log_probabilities=_log_probabilities(choice))


def _text(content: Any) -> str:
    """A message's text; some servers send it in parts."""
    if isinstance(content, str):
        return content
    return "".join(t for part in _list(content) if isinstance(t := _get(part, "text"), str))


def _log_probabilities(choice: Any) -> tuple[float, ...] | None:
    tokens = _list(_get(_get(choice, "logprobs"), "content"))
    values = [_get(token, "logprob") for token in tokens]
    if not values or not all(isinstance(v, int | float) and math.isfinite(v) for v in values):
        return None
    return tuple(float(v) for v in values)


def _usage(reply: Any) -> Usage | None:
    usage = _get(reply, "usage")
    prompt, completion = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    if prompt is None or completion is None:
        return None
    cached = _count(_get(usage, "prompt_tokens_details"), "cached_tokens") or 0
    return Usage(prompt_tokens=prompt, cached_prompt_tokens=min(cached, prompt), completion_tokens=completion)


def _assumed_usage(messages: Sequence[Message], parsed: Sequence[Completion]) -> Usage:
    """A server that does not count must not make a budget endless."""
    written = sum(len(c.log_probabilities or ()) or text_tokens(c.text) for c in parsed)
    return Usage(prompt_tokens=estimate(messages), completion_tokens=written)


def _count(value: Any, name: str) -> int | None:
    count = _get(value, name)
    return count if isinstance(count, int) and count >= 0 else None


def _get(value: Any, name: str) -> Any:
    return cast("dict[str, Any]", value).get(name) if isinstance(value, dict) else None


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
