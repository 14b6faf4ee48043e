"""A second command with the same folder: what is there is kept, joined or refused, and never mixed up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.evaluation.asked import directly, endpoint, evaluate, prompt, read
from tests.language_models.server import Answer, Exchange, Server, error, reply
from tests.pipeline.evaluating import mine, scenes, vpd
from vpd.errors import UserError
from vpd.evaluation.folder import SHARD, EvaluationFolder
from vpd.evaluation.systems import Source
from vpd.pipeline.evaluate import AnswerSettings, System, predict


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(lambda _: reply("2")) as server:
        yield server


def test_two_benchmarks_of_one_name_are_refused(tmp_path: Path):
    for name in "ab":
        scenes(tmp_path / name, 2)
    told = [part for name in "ab" for part in ("--benchmark", tmp_path / name / "questions.jsonl")]
    done = vpd("evaluate", "x/y", *told, "--out", tmp_path / "e")
    assert done.returncode == 2
    assert "two benchmarks are called 'questions'" in done.stderr


def test_another_benchmark_of_the_same_name_does_not_replace_the_first(tmp_path: Path):
    first, second = (mine(scenes(tmp_path / name, 2)) for name in "ab")
    folder = read(tmp_path / "e", first)
    kept = list(folder.questions.rows())
    with pytest.raises(UserError, match=r"has the questions of .*a/questions\.jsonl, not of .*b/questions"):
        read(tmp_path / "e", second)
    assert list(folder.questions.rows()) == kept
    read(tmp_path / "e", first)


def test_another_model_of_the_same_name_does_not_replace_the_first(tmp_path: Path, server: Server):
    asked = mine(scenes(tmp_path / "data", 2))
    evaluate(tmp_path / "e", asked, directly(endpoint(server, "student", "one")))
    with pytest.raises(UserError, match=r"'student' is one@http.*name two@http.* otherwise: NAME=MODEL"):
        evaluate(tmp_path / "e", asked, directly(endpoint(server, "student", "two")))
    evaluate(tmp_path / "e", asked, directly(endpoint(server, "student", "one")))


def test_a_folder_is_the_same_model_however_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = read(tmp_path / "e", mine(scenes(tmp_path / "data", 2)))
    run = tmp_path / "run"
    run.mkdir()
    (run / "recipe.yaml").write_text("{}")
    monkeypatch.chdir(tmp_path)
    for where in (str(run), "run", "data/../run"):
        system = System(Source("programs", "programs", where), None, AnswerSettings())
        predict(EvaluationFolder(tmp_path / "e"), folder, system, tmp_path / "r.sqlite")
    assert [card.model for card in folder.systems()] == [str(run)]


def test_answers_of_an_earlier_model_are_not_scored_with_those_of_the_present_one(tmp_path: Path):
    data = scenes(tmp_path / "data", SHARD + 5)

    def script(exchange: Exchange) -> Answer:
        if "#64 " in prompt(exchange) and exchange.body["max_tokens"] == 11:
            return error(401)  # the second shard of the second model ends the command
        return reply("2")

    with Server(script) as server:
        evaluate(tmp_path / "e", mine(data), directly(endpoint(server), max_tokens=10))
        folder = read(tmp_path / "e", mine(data))
        assert len(folder.answered("endpoint")) == SHARD + 5
        with pytest.raises(UserError):
            evaluate(tmp_path / "e", mine(data), directly(endpoint(server), max_tokens=11))
    assert set(folder.answered("endpoint")) <= {f"q{i}" for i in range(SHARD)}


def test_systems_stay_in_the_order_they_were_first_asked_in(tmp_path: Path, server: Server):
    asked = mine(scenes(tmp_path / "data", 2))
    for name, tokens in (("b", 10), ("a", 10), ("b", 11)):
        evaluate(tmp_path / "e", asked, directly(endpoint(server, name), max_tokens=tokens))
    cards = EvaluationFolder(tmp_path / "e").benchmarks()[0].systems()
    assert [card.name for card in cards] == ["b", "a"]


def test_only_models_that_call_operations_depend_on_how_boxes_are_counted(server: Server):
    def fingerprint(way: str, coordinates: str) -> str:
        settings = AnswerSettings(coordinates=coordinates)  # pyright: ignore[reportArgumentType]
        return System(endpoint(server), way, settings).fingerprint  # pyright: ignore[reportArgumentType]

    assert fingerprint("direct", "pixels") == fingerprint("direct", "relative")
    assert fingerprint("rationale", "pixels") == fingerprint("rationale", "relative")
    assert fingerprint("pixel", "pixels") != fingerprint("pixel", "relative")


def test_questions_are_written_beside_a_benchmark_that_is_scored(tmp_path: Path, server: Server):
    evaluate(tmp_path / "e", mine(scenes(tmp_path / "data", 2)), directly(endpoint(server)))
    other = scenes(tmp_path / "other", 2).root / "questions.jsonl"
    other = other.rename(other.with_name("more.jsonl"))
    told = ["--benchmark", other, "--data", other.parent / "images", "--out", tmp_path / "e"]
    done = vpd("evaluate", *told)
    assert done.returncode == 0, done.stderr
    assert "benchmarks/more/questions.jsonl" in done.stdout
    assert "report/index.html" in done.stdout


def test_what_kept_a_system_from_answering_is_said(tmp_path: Path):
    data = scenes(tmp_path / "data", 2)
    with Server(lambda _: error(500)) as silent:
        settings = tmp_path / "silent.yaml"
        settings.write_text(f"{{model: m, base_url: {silent.url}, api_key_env: null, max_attempts: 1}}")
        done = vpd(
            "evaluate", settings, "--benchmark", data.root / "questions.jsonl", "--data", data.root / "images",
            "--out", tmp_path / "e", "--cache", tmp_path / "cache",
        )  # fmt: skip
    assert "questions: silent has no answer to 2 of 2 questions (no_reply): " in done.stdout
    assert "the same command asks again" in done.stdout
