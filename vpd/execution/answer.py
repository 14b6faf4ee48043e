"""From what a program returned to its answer as text."""

import math


class NoAnswer(Exception):
    """What was returned cannot be an answer, and why."""


class TooLong(Exception):
    """The answer is longer than allowed."""


def answer_text(value: object, max_chars: int) -> str:
    """A bool as yes or no, a number in its shortest form, a list of texts or numbers joined by commas.

    Raises:
        NoAnswer: nothing, an empty list or text, or an object such as a patch.
        TooLong: the text has more than `max_chars` characters.
    """
    match value:
        case list() if value:
            if len(value) > max_chars:
                raise TooLong
            text = ", ".join(_scalar(item) for item in value)
        case list():
            raise NoAnswer("the program returned an empty list")
        case tuple():  # ("ImagePatch",): the name of a type that is no answer
            raise NoAnswer(f"the program returned an object of type {value[0]}, which is no answer")
        case _:
            text = _scalar(value)
    if not text.strip():
        raise NoAnswer("the program returned an empty text")
    if len(text) > max_chars:
        raise TooLong
    return text


def _scalar(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return "yes" if value else "no"
        case int() if value.bit_length() <= 1024:
            return str(value)
        case float() if math.isfinite(value):
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case None:
            raise NoAnswer("the program returned nothing")
        case _:
            raise NoAnswer("the program returned a number that is no answer")
