"""How a model is asked: in training and in evaluation alike, or it would be asked otherwise than it learnt."""

from collections.abc import Sequence

LABEL_SUFFIX = "Answer with a single word or phrase."
RATIONALE_SUFFIX = "Explain the rationale to answer the question."
"""The suffixes of Visual Program Distillation (arXiv 2312.03052, section 3.2)."""


def question_text(question: str, choices: Sequence[str] = ()) -> str:
    """The question with its choices where it has some; it ends as a sentence does, for another one follows.

    A question of several lines is left as it is: its last line may be an option.
    """
    text = question.strip()
    if "\n" in text:
        return text
    text = _ended(text)
    return _ended(f"{text} Choices: {'; '.join(choices)}") if choices else text


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!", ":", "…")) else f"{text}."
