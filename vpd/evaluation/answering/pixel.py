"""Answering with pixel operations: the model calls, the call is executed, and it looks at what came back."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from vpd.evaluation.answering.model import Advance, Ask, Model, Reply, no_progress
from vpd.pixel_operations import (
    MOST_FRAMES_SHOWN,
    Coordinates,
    OperationError,
    Pictures,
    prompt,
    response_message,
    system_text,
)
from vpd.records import Example, Json, View

MOST_CALLS = 5
"""Operations that a conversation may have; after them the model must answer."""

_CALL = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)


@dataclass
class Conversation:
    """One question's conversation, as far as it has come."""

    messages: list[dict[str, Any]]
    pictures: Pictures
    turns: list[Json] = field(default_factory=list[Json])
    replies: list[Reply] = field(default_factory=list[Reply])
    done: bool = False

    @property
    def ask(self) -> Ask:
        return Ask(self.messages, tuple(self.pictures.views))


def begin(example: Example, coordinates: Coordinates) -> Conversation:
    """The question with its pictures: of a video at most `MOST_FRAMES_SHOWN` frames, evenly spread."""
    images = example.images
    step = max(1.0, len(images) / MOST_FRAMES_SHOWN)
    shown = [View(image=images[int(i * step)]) for i in range(min(len(images), MOST_FRAMES_SHOWN))]
    messages = [
        {"role": "system", "content": system_text(coordinates)},
        *prompt(example, shown),
    ]
    return Conversation(messages, Pictures(shown, example.video, coordinates))


async def converse(
    model: Model, conversations: Sequence[Conversation], max_tokens: int, advance: Advance = no_progress
) -> None:
    """Carry conversations on, those that still run in one batch a turn, until each has answered or failed."""
    for _ in range(MOST_CALLS + 1):
        running = [each for each in conversations if not each.done]
        if not running:
            return
        asks = [each.ask for each in running]
        for each, reply in zip(running, await model.replies(asks, max_tokens), strict=True):
            _go_on(each, reply)
        advance(sum(each.done for each in running))


def _go_on(conversation: Conversation, reply: Reply) -> None:
    conversation.replies.append(reply)
    call = _CALL.search(reply.text)
    if reply.failure or call is None or len(conversation.replies) > MOST_CALLS:
        conversation.done = True
        return
    # What a model writes after its call was written without having seen the answer.
    conversation.messages.append({"role": "assistant", "content": reply.text[: call.end()]})
    first = len(conversation.pictures.views) + 1
    try:
        shown = _execute(conversation.pictures, call[1])
    except OperationError as error:
        conversation.turns.append({"call": call[1], "problem": str(error)})
        text = f"<tool_response>\nThis did not work: {error}\n</tool_response>"
        conversation.messages.append({"role": "user", "content": [{"type": "text", "text": text}]})
        return
    boxes: list[Json] = [list(view.box) if view.box else None for view in shown]
    conversation.turns.append({"call": call[1], "shown": boxes})
    conversation.messages.append(response_message(first, shown))


def _execute(pictures: Pictures, call: str) -> list[View]:
    """
    Raises:
        OperationError: the call is malformed, or makes no sense.
    """
    try:
        value: Any = json.loads(call)
    except (json.JSONDecodeError, RecursionError) as error:
        raise OperationError("the call is not JSON") from error
    given: Any = cast("Mapping[str, Any]", value).get("arguments") if isinstance(value, dict) else None
    if not isinstance(given, dict):
        raise OperationError('a call is {"name": ..., "arguments": {...}}')
    arguments = cast("dict[str, Any]", given)
    match value.get("name"):
        case "zoom_in":
            box, target = _numbers(arguments.get("bbox_2d")), arguments.get("target_image", 1)
            if not _is_whole(target):
                raise OperationError("target_image must be a whole number")
            return pictures.zoom_in(box, target)
        case "select_frames":
            frames = _numbers(arguments.get("target_frames"))
            if not all(map(_is_whole, frames)):
                raise OperationError("target_frames must be whole numbers")
            return pictures.select_frames([int(frame) for frame in frames])
        case name:
            raise OperationError(f"there is no operation {name!r}; there are zoom_in and select_frames")


def _numbers(value: Any) -> list[float]:
    values: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [None]
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in values):
        raise OperationError("a box or a list of frames must be a list of numbers")
    if not all(abs(each) < 1e9 for each in values):
        raise OperationError("a number is too large")  # once scaled, it could not be told from infinity
    return values


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
