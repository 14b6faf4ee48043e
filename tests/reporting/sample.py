"""Runs to report on: drawn scenes, questions about them, and programs that end in every way there is."""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw

from vpd.records import (
    Box,
    Candidate,
    ErrorInfo,
    Example,
    Execution,
    ImageFile,
    Json,
    Status,
    Step,
    Usage,
    Verdict,
)
from vpd.reporting.summary import QuestionRows

COLOURS = {"red": "#d23f31", "blue": "#2f67d8", "green": "#2f9e57", "yellow": "#e6b422"}

COUNT = """\
def execute_command(image) -> str:
    # count only the ones that were asked for
    circles = image.find("circle")
    matching = [c for c in circles if c.verify_property("circle", "{colour}")]
    if len(matching) == 0:
        return "none"
    return str(len(matching))
"""


def describe(path: Path, root: Path) -> ImageFile:
    with Image.open(path) as image:
        width, height = image.size
    return ImageFile(
        path=str(path.relative_to(root)),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        width=width,
        height=height,
    )


def draw_scene(path: Path, seed: int, size: tuple[int, int] = (480, 320)) -> list[tuple[str, Box]]:
    """A PNG of coloured circles; returns each one's colour and box."""
    chance = random.Random(seed)
    image = Image.new("RGB", size, "#efe9dc")
    draw = ImageDraw.Draw(image)
    objects: list[tuple[str, Box]] = []
    for _ in range(chance.randint(2, 6)):
        radius = chance.randint(18, 46)
        x, y = chance.randint(radius, size[0] - radius), chance.randint(radius, size[1] - radius)
        colour = chance.choice(list(COLOURS))
        box = (x - radius, y - radius, x + radius, y + radius)
        draw.ellipse(box, fill=COLOURS[colour])
        objects.append((colour, tuple(map(float, box))))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return objects


def patch(box: Box, category: str = "", confidence: float = 1.0, image: int = 0) -> dict[str, Json]:
    return {"image": image, "box": list(box), "category": category, "confidence": confidence}


def count_steps(objects: list[tuple[str, Box]], colour: str, size: tuple[int, int]) -> tuple[Step, ...]:
    """The trace of `COUNT` over a scene."""
    whole = (0.0, 0.0, float(size[0]), float(size[1]))
    found: list[Json] = [patch(box, "circle", 0.9 - 0.03 * index) for index, (_, box) in enumerate(objects)]
    steps = [
        Step(
            kind="call", line=3, expression='image.find("circle")', tool="find", image=0, region=whole,
            arguments={"object_name": "circle"}, result=found,
        ),
        Step(kind="bind", line=3, expression='image.find("circle")', name="circles", value=found),
    ]  # fmt: skip
    for its_colour, box in objects:
        steps.append(
            Step(
                kind="call", line=4, expression=f'c.verify_property("circle", "{colour}")',
                tool="verify_property", image=0, region=box,
                arguments={"object_name": "circle", "visual_property": colour}, result=its_colour == colour,
            )
        )  # fmt: skip
    matching = [p for p, (its_colour, _) in zip(found, objects, strict=True) if its_colour == colour]
    steps += [
        Step(kind="bind", line=4, expression="[c for c in circles if …]", name="matching", value=matching),
        Step(kind="branch", line=5, expression="len(matching) == 0", value=not matching),
        Step(kind="return", line=7, expression="str(len(matching))", value=str(len(matching))),
    ]
    return tuple(steps)


FAILURES: dict[Status, tuple[str, ErrorInfo | None]] = {
    "rejected": (
        'def execute_command(image) -> str:\n    return image.fnd("circle")\n',
        ErrorInfo(type="unresolved-attribute", message="`ImagePatch` has no attribute `fnd`", line=2),
    ),
    "unsupported": (
        'def execute_command(image) -> str:\n    class Box(tuple): pass\n    return str(Box())\n',
        ErrorInfo(type="NotImplementedError", message="classes cannot inherit", line=2),
    ),
    "error": (
        'def execute_command(image) -> str:\n    found = image.find("dot")\n    return found[99].category\n',
        ErrorInfo(type="IndexError", message="list index out of range", line=3),
    ),
    "timeout": (
        "def execute_command(image) -> str:\n    while True:\n        pass\n",
        ErrorInfo(type="TimeoutError", message="ran longer than 5 s", line=2),
    ),
    "memory": (
        "def execute_command(image) -> str:\n    return 'x' * 10**11\n",
        ErrorInfo(type="MemoryError", message="more than 256 MB", line=2),
    ),
    "tool_error": (
        'def execute_command(image) -> str:\n    return image.simple_query("how many circles?")\n',
        ErrorInfo(type="ToolFailure", message="no tool plays the role `answerer`", line=2),
    ),
    "no_answer": ("def execute_command(image) -> str:\n    image.find('circle')\n", None),
    "violation": (
        "def execute_command(image) -> str:\n    return open('/etc/passwd').read()\n",
        ErrorInfo(type="PermissionError", message="files cannot be opened", line=2),
    ),
}  # fmt: skip


def failed(example_id: str, index: int, status: Status) -> tuple[Candidate, Execution, Verdict]:
    program, error = FAILURES[status]
    steps: tuple[Step, ...] = ()
    if status == "tool_error":
        assert error
        steps = (
            Step(
                kind="call", line=2, expression='image.simple_query("how many circles?")',
                tool="simple_query", image=0, region=(0, 0, 480, 320),
                arguments={"question": "how many circles?"}, error=error.message,
            ),
        )  # fmt: skip
    reason = f"The program gave no answer: {error.message}." if error else "The program returned nothing."
    return (
        Candidate(example_id=example_id, index=index, program=program),
        Execution(example_id=example_id, index=index, status=status, error=error, steps=steps),
        Verdict(example_id=example_id, index=index, status=status, correct=False, score=0.0, reason=reason),
    )


def answered(
    example: Example, index: int, program: str, answer: str, steps: tuple[Step, ...] = (), kept: bool = False
) -> tuple[Candidate, Execution, Verdict]:
    correct = (answer in example.answers) if example.answers else None
    label = example.answers[0] if example.answers else ""
    reason = f"The answer {answer} {'agrees' if correct else 'does not agree'} with the label {label}."
    identity = {"example_id": example.id, "index": index}
    return (
        Candidate(
            **identity, program=program, log_probability=-12.5 - index, model="codewriter",
            usage=Usage(prompt_tokens=1800, completion_tokens=92),
        ),
        Execution(**identity, status="ok", answer=answer, steps=steps),
        Verdict(
            **identity, status="ok", correct=correct, score=None if correct is None else float(correct),
            kept=kept and correct is not False, selected=kept and bool(correct),
            reason=reason if correct is not None else "There is no label to compare with.",
        ),
    )  # fmt: skip


def rows_of(example: Example, programs: list[tuple[Candidate, Execution, Verdict]]) -> QuestionRows:
    candidates, executions, verdicts = map(list, zip(*programs, strict=True)) if programs else ([], [], [])
    return QuestionRows(example, candidates, executions, verdicts)


def question(number: int, image: ImageFile, objects: list[tuple[str, Box]]) -> QuestionRows:
    """A counting question with five programs: right, wrong, and three failures in turn."""
    chance = random.Random(number)
    colour = chance.choice(list(COLOURS))
    count = sum(its_colour == colour for its_colour, _ in objects)
    example = Example(
        id=f"scene-{number:05d}",
        images=(image,),
        question=f"How many {colour} circles are in the picture?",
        answers=(str(count),) if number % 10 else (),
        answer_type="number",
        source=("drawn", "painted")[number % 2],
    )
    program = COUNT.format(colour=colour)
    failures: list[Status] = list(FAILURES)
    chosen = [failures[(3 * number + k) % len(failures)] for k in range(3)]
    size = (image.width, image.height)
    return rows_of(
        example,
        [
            answered(example, 0, program, str(count), count_steps(objects, colour, size), kept=True),
            answered(example, 1, program, str(count + 1), count_steps(objects, colour, size)),
            *(failed(example.id, 2 + k, status) for k, status in enumerate(chosen)),
        ],
    )


def run(folder: Path, questions: int, pictures: int = 12) -> Iterator[QuestionRows]:
    """A run of many questions over a few scenes, which are drawn into `folder`."""
    scenes: list[tuple[ImageFile, list[tuple[str, Box]]]] = []
    for seed in range(min(questions, pictures)):
        path = folder / f"scene-{seed}.png"
        objects = draw_scene(path, seed)
        scenes.append((describe(path, folder), objects))
    for number in range(questions):
        yield question(number, *scenes[number % len(scenes)])
