"""What a model is asked: the conversation that a question begins with."""

from typing import Any

from vpd.evaluation.benchmark import Benchmark
from vpd.evaluation.records import Item
from vpd.text import asking
from vpd.text.asking import RATIONALE_SUFFIX


def direct(item: Item, benchmark: Benchmark) -> list[dict[str, Any]]:
    """The question with the suffix that asks for the answer alone."""
    return _asked(item, benchmark, benchmark.suffix)


def rationale(item: Item, benchmark: Benchmark) -> list[dict[str, Any]]:
    """The question with the suffix that rationales were learnt with."""
    return _asked(item, benchmark, RATIONALE_SUFFIX)


def question_text(item: Item, benchmark: Benchmark) -> str:
    """The question with its options, where they do not stand in it."""
    example = item.example
    if not example.choices or benchmark.options == "list":
        return asking.question_text(example.question, example.choices)
    return "\n".join([example.question, *shown_options(item, benchmark)])


def shown_options(item: Item, benchmark: Benchmark) -> list[str]:
    """The options as a model sees them, so that its letters can be told."""
    choices = item.example.choices
    if benchmark.options == "list":
        return list(choices)
    return [f"{chr(ord('A') + index)}. {choice}" for index, choice in enumerate(choices)]


def _asked(item: Item, benchmark: Benchmark, suffix: str) -> list[dict[str, Any]]:
    text = question_text(item, benchmark)
    apart = "\n" if "\n" in text else " "
    images = [{"type": "image"} for _ in item.example.images]
    return [
        {"role": "user", "content": [*images, {"type": "text", "text": f"{text}{apart}{suffix}".strip()}]}
    ]
