"""Where rules cannot tell whether an open answer is the label in other words."""

from collections import Counter

from vpd.records import Example
from vpd.text.dates import read_date
from vpd.text.quantities import read_quantity
from vpd.text.yes_no import read_yes_no
from vpd.verification.answers import match

_MOST_WORDS = 12
_MOST_REFERENCES = 3


def doubtful_references(answer: str | None, example: Example) -> list[str]:
    """The references that an answer may be another wording of; none where the rules are sure.

    They are sure of every type of answer but open ones, of what they find equal, and of two numbers, two dates
    or a yes and a no that differ. Of many references the three most frequent are looked at.
    """
    if (
        example.answer_type != "open"
        or answer is None
        or not answer.strip()
        or len(answer.split()) > _MOST_WORDS
    ):
        return []
    if match(answer, example).correct:
        return []
    frequent = [reference for reference, _ in Counter(example.answers).most_common()]
    return [reference for reference in frequent if not _sure(answer, reference)][:_MOST_REFERENCES]


def _sure(a: str, b: str) -> bool:
    return any(
        read(a) is not None and read(b) is not None for read in (read_yes_no, read_quantity, read_date)
    )
