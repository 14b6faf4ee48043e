"""A few training rows over small coloured pictures, as the distillation stage would make them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from vpd.records import Box, ImageFile, MaskedSpan, TrainingRow, View

ANSWER = "Answer with a single word or phrase."
EXPLAIN = "Explain the rationale to answer the question."


def picture(folder: Path, name: str, colour: str = "red", size: tuple[int, int] = (48, 48)) -> ImageFile:
    """A picture of one colour, its upper left quarter white."""
    image = Image.new("RGB", size, colour)
    image.paste("white", (0, 0, size[0] // 2, size[1] // 2))
    image.save(folder / name)
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    return ImageFile(path=name, sha256=digest, width=size[0], height=size[1])


def user(text: str, images: int = 1) -> dict[str, Any]:
    return {"role": "user", "content": [*([{"type": "image"}] * images), {"type": "text", "text": text}]}


def assistant(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def label(example: str, image: ImageFile, answer: str, weight: float = 1.0) -> TrainingRow:
    return TrainingRow(
        id=f"{example}/label",
        example_id=example,
        task="label",
        messages=[user(f"How many red cubes are there? {ANSWER}"), assistant(answer)],
        images=(View(image=image),),
        weight=weight,
    )


def rationale(example: str, image: ImageFile, text: str, weight: float = 1.0) -> TrainingRow:
    return TrainingRow(
        id=f"{example}/rationale/{text[:5]}",
        example_id=example,
        task="rationale",
        messages=[user(f"How many red cubes are there? {EXPLAIN}"), assistant(text)],
        images=(View(image=image),),
        weight=weight,
    )


def trajectory(
    example: str,
    image: ImageFile,
    turns: Sequence[str],
    masked: Sequence[MaskedSpan] = (),
    box: Box = (0, 0, 24, 24),
) -> TrainingRow:
    """Assistant turns with a zoomed view after each but the last; message 1, 3, 5 ... are the assistant's."""
    messages = [user("How many red cubes are there?"), assistant(turns[0])]
    for turn in turns[1:]:
        view = {"role": "tool", "content": [{"type": "text", "text": "Here is the crop."}, {"type": "image"}]}
        messages += [view, assistant(turn)]
    crops = (View(image=image, box=box),) * (len(turns) - 1)
    return TrainingRow(
        id=f"{example}/trajectory",
        example_id=example,
        task="trajectory",
        messages=messages,
        images=(View(image=image), *crops),
        masked=tuple(masked),
    )


def mixed_rows(folder: Path) -> list[TrainingRow]:
    """Five examples: two with a label alone, two with a rationale too, one with a trajectory besides."""
    pictures = [
        picture(folder, f"{colour}.png", colour, size)
        for colour, size in [
            ("red", (48, 48)),
            ("blue", (64, 32)),
            ("green", (32, 64)),
            ("gold", (64, 64)),
            ("grey", (16, 32)),
        ]
    ]
    turns = [
        'Let me look.\n<tool_call>{"name": "zoom_in"}</tool_call>',
        "The sign reads open. The answer is 3.",
    ]
    return [
        *(
            label(str(i), image, answer)
            for i, (image, answer) in enumerate(zip(pictures, "12345", strict=True))
        ),
        rationale("1", pictures[1], "There are two red cubes. The answer is 2."),
        rationale(
            "3", pictures[3], "On the table there are four red cubes behind the ball, so the answer is 4."
        ),
        trajectory("2", pictures[2], turns, [MaskedSpan(message=1, start=13, end=len(turns[0]))]),
    ]


def with_text_only(folder: Path) -> list[TrainingRow]:
    """`mixed_rows` and an example that shows no picture."""
    text = [user("What is 1 + 1?", images=0), assistant("two")]
    return [*mixed_rows(folder), TrainingRow(id="text", example_id="text", task="trajectory", messages=text)]
