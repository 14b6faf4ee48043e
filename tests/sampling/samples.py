"""Examples, candidates and executions for tests."""

from typing import Any

from vpd.records import Candidate, ErrorInfo, Example, Execution, ImageFile, Status, Step
from vpd.sampling.settings import SamplingSettings

PROGRAM = "def execute_command(image) -> str:\n    return str(len(image.find('cup')))\n"
FIND = Step(
    kind="call",
    line=2,
    expression="image.find('cup')",
    tool="find",
    image=0,
    region=(0, 0, 100, 80),
    arguments={"object_name": "cup"},
    result=[{"image": 0, "box": [10, 20, 30, 60], "category": "cup", "confidence": 0.9}],
)


def example(**fields: Any) -> Example:
    image = ImageFile(path="a.png", sha256="0" * 64, width=100, height=80)
    return Example(**({"id": "q", "images": (image,), "question": "How many cups?"} | fields))


def candidate(index: int = 0, program: str = PROGRAM, **fields: Any) -> Candidate:
    return Candidate(example_id="q", index=index, program=program, **fields)


def execution(index: int = 0, status: Status = "ok", answer: str | None = "2", **fields: Any) -> Execution:
    error = (
        None if status == "ok" else ErrorInfo(type="IndexError", message="list index out of range", line=2)
    )
    return Execution(
        example_id="q",
        index=index,
        status=status,
        answer=answer if status == "ok" else None,
        **({"error": error, "steps": (FIND,)} | fields),
    )


def settings(**fields: Any) -> SamplingSettings:
    return SamplingSettings(
        **({"model": {"provider": "openai", "model": "m"}, "examples": ["count"]} | fields)
    )
