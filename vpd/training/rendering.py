"""A training row as the text that a chat template makes of it, with the characters that the loss falls on."""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from vpd.errors import UserError
from vpd.records import MaskedSpan, TrainingRow

Message = dict[str, Any]
"""`role`, and `content` as a list of parts."""


class Span(NamedTuple):
    """Characters `start` to `end` (exclusive)."""

    start: int
    end: int


class Rendered(NamedTuple):
    """A conversation as text. Image placeholders are not expanded yet."""

    text: str
    targets: tuple[Span, ...]
    """What the model learns to write: the assistant's turns, each with the mark that ends it."""
    masked: tuple[Span, ...]
    """Parts of the targets that get no loss; one that reaches the end of a turn's text takes its end mark too."""


def render(processor: Any, row: TrainingRow) -> Rendered:
    """Render a row through the processor's chat template and find the assistant's turns in it.

    A turn is what the template adds to the conversation so far, opened for an answer, once the answer is there.
    Line breaks after the mark that ends a turn belong to no turn, since generation stops at the mark. Where the
    template ends the last turn without a mark, the tokenizer's end-of-sequence token is added, or the model
    would never learn to stop.

    Raises:
        UserError: the row is no conversation, or masks what is not there; or the template refuses it, rewrites
            earlier turns as the conversation grows, or changes the text of a turn.
    """
    messages = _messages(row)
    text = _template(processor, messages, row)
    _check_images(processor, row, text)
    targets: list[Span] = []
    masked: list[Span] = []
    for position, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        before = _template(processor, messages[:position], row, answer=True)
        after = _template(processor, messages[: position + 1], row).rstrip()
        if not (after.startswith(before) and text.startswith(after)):
            raise UserError(
                f"training row {row.id}: the model's chat template rewrites earlier turns of a conversation, so "
                "that it no longer shows what the model would have written; set `processor: {chat_template: ...}` "
                "to a template that only appends"
            )
        targets.append(Span(len(before), len(after)))
        spans = [span for span in row.masked if span.message == position]
        masked.extend(_place(text, targets[-1], message, spans, row.id))
    if not text.rstrip().endswith(tuple(processor.tokenizer.all_special_tokens)):
        text = text.rstrip() + processor.tokenizer.eos_token
        targets[-1] = Span(targets[-1].start, len(text))
    if len(masked) != len(row.masked):
        raise UserError(f"training row {row.id} masks a message that is not the assistant's; mask only those")
    return Rendered(text, tuple(targets), tuple(masked))


def _messages(row: TrainingRow) -> list[Message]:
    """The row's conversation, checked, every content as parts: some templates know no other form."""
    given = row.messages
    if not isinstance(given, list) or not all(
        isinstance(message, dict) and isinstance(message.get("content"), str | list) for message in given
    ):
        raise UserError(
            f"training row {row.id}: `messages` must be a list of {{role, content}}; make the row again"
        )
    messages = [
        {**message, "content": [{"type": "text", "text": content}] if isinstance(content, str) else content}
        for message in cast("list[Message]", given)
        for content in [message["content"]]
    ]
    roles = [message.get("role") for message in messages]
    if not roles or roles[0] == "assistant" or roles[-1] != "assistant":
        raise UserError(
            f"training row {row.id} holds no answer to learn from: it must begin with a question and end with a "
            "message of the assistant; leave it out"
        )
    parts = sum(part.get("type") == "image" for message in messages for part in message["content"])
    if parts != len(row.images):
        raise UserError(
            f"training row {row.id} has {parts} image parts in its messages but {len(row.images)} images; "
            "give one image for each"
        )
    return messages


def _check_images(processor: Any, row: TrainingRow, text: str) -> None:
    token = getattr(processor, "image_token", None)
    if token is not None and text.count(token) != len(row.images):
        raise UserError(
            f"training row {row.id} shows {len(row.images)} images, but its text has {text.count(token)} of the "
            f"model's image tokens ({token}): the row's own text holds one, or the chat template shows no images "
            "in a message of that role"
        )


def _template(processor: Any, messages: list[Message], row: TrainingRow, answer: bool = False) -> str:
    from jinja2 import TemplateError

    try:
        return processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=answer)
    except TemplateError as error:
        raise UserError(
            f"training row {row.id} does not fit the model's chat template ({error}); leave out rows of its kind, "
            "or set `processor: {chat_template: ...}`"
        ) from error


def _place(
    text: str, target: Span, message: Message, spans: Iterable[MaskedSpan], row_id: str
) -> Iterable[Span]:
    """Where characters of a message stand in the rendered conversation."""
    content = "".join(part.get("text", "") for part in message["content"])
    stripped = content.strip()
    start = text.find(stripped, target.start, target.end)
    if start < 0:
        raise UserError(
            f"training row {row_id}: the model's chat template changes the text of assistant messages; set "
            "`processor: {chat_template: ...}` to one that leaves it as it is"
        )
    shift = start - content.index(stripped)
    for span in spans:
        if not 0 <= span.start < span.end <= len(content):
            raise UserError(
                f"training row {row_id} masks characters {span.start} to {span.end} of a message of "
                f"{len(content)}; make the row again"
            )
        # Blank ends that the template drops are no part of the target; the mark that ends a turn goes with the
        # words before it.
        end = span.end + shift
        yield Span(max(span.start + shift, target.start), target.end if end >= start + len(stripped) else end)
