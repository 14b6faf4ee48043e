"""Candidates run against real tools: whatever an image or a tool does, the other programs' answers stay."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from vpd.execution.runner import Runner
from vpd.execution.settings import ExecutionSettings, ToolSettings
from vpd.inputs.questions import describe_image
from vpd.inputs.settings import DataSettings
from vpd.records import Candidate, Example, Execution

LOOK = 'def execute_command(image):\n    return image.simple_query("Is it bright or dark?")\n'
PLUGIN = str(Path(__file__).parent.parent / "plugin")


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(PLUGIN)
    sys.modules.pop("vpd_counting", None)
    for name, colour in (("day", "white"), ("night", "black")):
        Image.new("RGB", (64, 48), colour).save(tmp_path / f"{name}.jpg")
    whole = Image.effect_noise((640, 480), 80)
    whole.save(tmp_path / "cut.jpg")
    content = (tmp_path / "cut.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: len(content) // 2])
    return tmp_path


def run(images: Path, names: Sequence[str], program: str = LOOK) -> list[Execution]:
    described = ((name, describe_image(images, f"{name}.jpg")) for name in names)
    return run_all(
        images, [Example(id=name, images=(file,), question="?") for name, file in described], program
    )


def run_all(images: Path, examples: Sequence[Example], program: str = LOOK) -> list[Execution]:
    async def all_of_them() -> list[Execution]:
        data = DataSettings(questions=images / "q.jsonl", images=images)
        tools = {"answerer": ToolSettings(name="brightness")}
        async with Runner(ExecutionSettings(), tools, data, None) as runner:
            return await asyncio.gather(
                *(runner.run(e, Candidate(example_id=e.id, index=0, program=program)) for e in examples)
            )

    return asyncio.run(all_of_them())


def test_a_tool_of_another_package_looks_at_pixels(images: Path):
    assert [e.answer for e in run(images, ["day", "night"])] == ["bright", "dark"]


def test_one_cut_off_image_in_a_batch_fails_its_own_program_alone(images: Path):
    day, cut, night = run(images, ["day", "cut", "night"])
    assert (day.answer, night.answer) == ("bright", "dark")
    assert (cut.status, cut.answer) == ("tool_error", None)
    assert cut.error is not None
    assert "truncated" in cut.error.message or "cut" in cut.error.message


def test_a_program_cannot_turn_a_failed_tool_into_an_answer(images: Path):
    swallow = (
        "def execute_command(image):\n"
        "    try:\n"
        '        return image.simple_query("Is it bright or dark?")\n'
        "    except Exception:\n"
        '        return "dark"\n'
    )
    [execution] = run(images, ["cut"], swallow)
    assert (execution.status, execution.answer) == ("tool_error", None)


def test_an_image_that_changed_since_it_was_read_is_not_looked_at(images: Path):
    """Its results would be kept under the old picture's name."""
    example = Example(id="day", images=(describe_image(images, "day.jpg"),), question="?")
    Image.new("RGB", (64, 48), "black").save(images / "day.jpg")
    [execution] = run_all(images, [example])
    assert execution.status == "tool_error"
    assert execution.error is not None
    assert "day.jpg has changed" in execution.error.message
