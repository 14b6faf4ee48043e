"""What a fine-tuning run would do: its examples, steps, tokens and memory, before anything is trained."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from vpd.errors import UserError
from vpd.records import TrainingRow
from vpd.training import items
from vpd.training.arguments import accumulation, processes
from vpd.training.collator import IGNORED, Collator
from vpd.training.memory import Memory, estimate_memory
from vpd.training.models import load_processor, require_folder
from vpd.training.settings import TASKS, FinetuneSettings, Task, TaskWeights

_COUNTED = 96
"""Rows per task whose tokens are counted; the others are taken to be like them."""


class Tokens(NamedTuple):
    """Of one task's rows, on average."""

    all: float
    image: float
    target: float
    """Those that the loss falls on."""


class Preview(NamedTuple):
    """What would be trained."""

    examples: int
    rows: dict[Task, int]
    """Those that count."""
    steps: int
    batch_size: int
    processes: int
    tokens: dict[Task, Tokens]
    exact: bool
    """Whether the model's own processor counted; else text is taken as four characters to a token, and an image
    as one to each 32 x 32 pixels."""
    longest: int
    """Tokens of the longest row that was counted."""
    memory: Memory | None
    """None where the model's configuration cannot be had."""

    @property
    def epochs(self) -> float:
        return self.steps * self.batch_size / self.examples

    @property
    def total_tokens(self) -> float:
        """That the whole training reads."""
        return self.epochs * sum(self.rows[task] * each.all for task, each in self.tokens.items())


def preview(settings: FinetuneSettings, rows: Sequence[TrainingRow], image_root: Path) -> Preview:
    """What `finetuning.finetune` would do with the same arguments. Loads no weights.

    Raises:
        UserError: the model's folder does not exist, a row or an image is unfit, or the batch does not divide.
    """
    accumulation(settings)
    require_folder(settings)
    counts = Counter(row.task for row in rows)
    trained: list[Task] = [task for task in TASKS if counts[task] and settings.weights.of(task)]
    examples = len(items.group(rows))
    try:
        processor = load_processor(settings)
    except UserError:
        if Path(settings.model).is_dir():
            raise
        processor = None  # a model on a hub that cannot be reached now
    lengths: dict[Task, list[Tokens]] = {
        task: _lengths(processor, _spread([row for row in rows if row.task == task]), image_root)
        for task in trained
    }
    longest = max((each.all for counted in lengths.values() for each in counted), default=0)
    images = max((each.image for counted in lengths.values() for each in counted), default=0)
    return Preview(
        examples=examples,
        rows={task: counts[task] for task in trained},
        steps=items.steps(settings, examples),
        batch_size=settings.batch_size,
        processes=processes(),
        tokens={task: _mean(counted) for task, counted in lengths.items()},
        exact=processor is not None,
        longest=int(longest),
        memory=estimate_memory(settings, longest * len(trained), images * len(trained)),
    )


def _spread(rows: Sequence[TrainingRow]) -> list[TrainingRow]:
    """Some rows, evenly spread."""
    stride = max(1, len(rows) / _COUNTED)
    return [rows[int(number * stride)] for number in range(min(len(rows), _COUNTED))]


def _lengths(processor: Any, rows: Sequence[TrainingRow], image_root: Path) -> list[Tokens]:
    if processor is None:
        return [_guess(row) for row in rows]
    collate = Collator(processor, rows, [(n,) for n in range(len(rows))], TaskWeights(), image_root)
    image_token = getattr(processor, "image_token_id", None)
    lengths: list[Tokens] = []
    for number in range(len(rows)):
        batch = collate([{"item": number}])
        ids = batch["input_ids"]
        lengths.append(
            Tokens(
                all=ids.numel(),
                image=int((ids == image_token).sum()) if image_token is not None else 0,
                target=int((batch["labels"] != IGNORED).sum()),
            )
        )
    return lengths


def _guess(row: TrainingRow) -> Tokens:
    asked = answered = 0.0
    messages: Any = row.messages
    for message in messages:
        content = message["content"]
        parts = [{"text": content}] if isinstance(content, str) else content
        length = sum(len(part.get("text") or "") for part in parts) / 4 + 4
        asked, answered = (
            (asked, answered + length) if message["role"] == "assistant" else (asked + length, answered)
        )
    image = 0.0
    for view in row.images:
        left, top, right, bottom = view.box or (0, 0, view.image.width, view.image.height)
        image += (right - left) * (bottom - top) / 32**2
    return Tokens(asked + answered + image, image, answered)


def _mean(counted: Sequence[Tokens]) -> Tokens:
    return Tokens(*(sum(column) / len(counted) for column in zip(*counted, strict=True)))
