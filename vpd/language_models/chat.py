"""Messages to the one prompt that a causal model continues."""

from collections.abc import Sequence
from typing import Any

from vpd.language_models.errors import InvalidRequestError
from vpd.language_models.protocol import Message, TextPart


def flatten(message: Message) -> str:
    """A message's text, its images left out."""
    if isinstance(message.content, str):
        return message.content
    return "".join(part.text for part in message.content if isinstance(part, TextPart))


def prompt_ids(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """The token ids that the model continues: by the tokenizer's chat template if it has one, else the
    messages' texts one after the other, a line break between them.

    Raises:
        InvalidRequestError: the template does not take these messages.
    """
    if not tokenizer.chat_template:
        return list(tokenizer("\n".join(flatten(m) for m in messages))["input_ids"])
    from jinja2 import TemplateError

    turns = [{"role": m.role, "content": flatten(m)} for m in messages]
    try:
        encoded = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=True)
    except TemplateError as error:
        raise InvalidRequestError(
            f"the model's chat template refuses the messages ({error}); leave out the role it does not know"
        ) from None
    return list(encoded["input_ids"])
