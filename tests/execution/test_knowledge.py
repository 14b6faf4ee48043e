"""Programs ask general knowledge of the project's own language models."""

import asyncio
from pathlib import Path

import pytest
from PIL import Image

from tests.language_models.server import Answer, Exchange, Server, error, reply
from tests.language_models.tiny_model import make_tiny_model
from vision_tools.errors import ToolUnavailable
from vision_tools.registry import create
from vision_tools.roles import KnowledgeQuery
from vision_tools.tryout import list_tools
from vpd.execution.runner import Runner
from vpd.execution.settings import ExecutionSettings, ToolSettings
from vpd.inputs.questions import describe_image
from vpd.inputs.settings import DataSettings
from vpd.records import Candidate, Example, Execution

ASK = 'def execute_command(image):\n    return llm_query("Which country is {city} the capital of?")\n'


def script(exchange: Exchange) -> Answer:
    """Knows Paris; will not speak of Rome."""
    if "Rome" in exchange.prompt:
        return error(400, "no")
    return reply("France" if "Paris" in exchange.prompt else "unknown")


def run(url: str, cities: list[str], folder: Path, cache: Path | None = None) -> list[Execution]:
    async def all_of_them() -> list[Execution]:
        tools = {"knowledge": ToolSettings(name="openai", **settings(url))}
        data = DataSettings(questions=folder / "q.jsonl", images=folder)
        async with Runner(ExecutionSettings(), tools, data, cache) as runner:
            Image.new("RGB", (8, 8)).save(folder / "a.png")
            example = Example(id="e", images=(describe_image(folder, "a.png"),), question="?")
            programs = [
                Candidate(example_id="e", index=i, program=ASK.replace("{city}", city))
                for i, city in enumerate(cities)
            ]
            return await asyncio.gather(*(runner.run(example, each) for each in programs))

    return asyncio.run(all_of_them())


def settings(url: str) -> dict[str, object]:
    return {"model": "m", "base_url": url, "api_key_env": None}


def test_an_answer_reaches_the_program_and_a_refused_question_fails_alone(tmp_path: Path):
    with Server(script) as server:
        paris, rome, again = run(server.url, ["Paris", "Rome", "Paris"], tmp_path)
    assert (paris.answer, again.answer) == ("France", "France")
    assert (rome.status, rome.answer) == ("tool_error", None)
    assert sum("Paris" in each.prompt for each in server.log) == 1


def test_what_was_answered_is_not_asked_in_the_next_run(tmp_path: Path):
    with Server(script) as server:
        for _ in range(2):
            [paris] = run(server.url, ["Paris"], tmp_path, cache=tmp_path / "tools.sqlite")
            assert paris.answer == "France"
    assert len(server.log) == 1


def test_context_and_length_are_told(tmp_path: Path):
    with Server(script) as server:
        tool = create("knowledge", "openai", settings(server.url))
        tool.know([KnowledgeQuery("Why?", context="It rained.", long_answer=True)])  # type: ignore[attr-defined]
    system, user = (message["content"] for message in server.log[0].body["messages"])
    assert "It rained." in system
    assert "sentences" in system
    assert user == "Why?"


def test_a_local_model_answers_too(tmp_path: Path):
    folder = make_tiny_model(tmp_path / "model")
    tool = create("knowledge", "transformers", {"model": str(folder), "device": "cpu"})
    answers = tool.know([KnowledgeQuery("Why?"), KnowledgeQuery("Who?")])  # type: ignore[attr-defined]
    assert len(answers) == 2
    assert all(isinstance(answer, str) for answer in answers)


def test_it_is_listed_with_its_settings():
    listed = {each.name: each.settings for each in list_tools() if each.role == "knowledge"}
    assert listed["openai"][0] == listed["transformers"][0] == "model"
    assert "base_url" in listed["openai"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"model": "m", "api_key_env": "NO_SUCH_KEY"}, "NO_SUCH_KEY"),
        ({"model": "m", "base_url": "ftp://x"}, "base_url"),
        ({"model": "m", "colour": 1}, "colour"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    given: dict[str, object], said: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(ToolUnavailable, match=said):
        create("knowledge", "openai", given)
