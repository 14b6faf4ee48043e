"""`vpd evaluate`: systems side by side, resumed, limited and foreseen; failures have names."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.evaluation.asked import definition, directly, endpoint, evaluate, prompt, read
from tests.language_models.server import Answer, Exchange, Server, choice, error, reply
from tests.pipeline.evaluating import mine, scenes, settings, vpd
from tests.scenes import DataSet
from vpd.errors import UserError
from vpd.evaluation.folder import SHARD, EvaluationFolder
from vpd.evaluation.human import read_key
from vpd.evaluation.loading import Asked
from vpd.evaluation.records import Prediction
from vpd.evaluation.systems import read_source
from vpd.language_models.errors import BudgetSpent
from vpd.pipeline.evaluate import AnswerSettings, System, pending, predict

PROGRAM = "from vpd.cli import main; main()"


def two(exchange: Exchange) -> Answer:
    return reply("2")


@pytest.fixture
def data(tmp_path: Path) -> DataSet:
    return scenes(tmp_path / "data", 12)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(two) as server:
        yield server


def answers(data: DataSet) -> list[str]:
    lines = (data.root / "questions.jsonl").read_text().splitlines()
    return [str(json.loads(line)["answer"]) for line in lines]


def test_programs_and_an_endpoint_side_by_side_from_one_command(
    data: DataSet, server: Server, tmp_path: Path
):
    run, out = tmp_path / "run", tmp_path / "evaluation"
    done = vpd("verify", *data.options, "--tool", "detector=annotations", "--out", run, "--cache", tmp_path)
    assert done.returncode == 0, done.stderr
    command = ["evaluate", f"teacher={run}", settings(tmp_path, server), "--out", out, "--cache", tmp_path]
    command += ["--benchmark", data.root / "questions.jsonl", "--data", data.root / "images"]

    done = vpd(*command)

    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split() for line in reversed(done.stdout.splitlines()) if line.strip()}
    right = answers(data).count("2")
    assert rows["teacher"][1] == "100.0"  # two of five programs count, and one more guesses
    assert rows["always-two"][1] == f"{100 * right / 12:.1f}"
    pair = next(line for line in done.stdout.splitlines() if "teacher − always-two" in line)
    assert f"+{100 * (12 - right) / 12:.1f}" in pair
    assert (out / "report" / "index.html").exists()
    assert len(server.log) == 12

    again = vpd(*command)
    assert again.returncode == 0
    assert again.stdout == done.stdout
    assert len(server.log) == 12
    assert vpd("evaluate", "--out", out).stdout == done.stdout


def test_every_question_has_one_prediction_of_which_all_is_kept(
    data: DataSet, server: Server, tmp_path: Path
):
    scored = evaluate(tmp_path / "e", mine(data), directly(endpoint(server)))
    (system,) = scored.systems
    assert list(system.predictions) == [f"q{i}" for i in range(12)]
    assert set(system.predictions.values()) == {
        Prediction(
            question_id=item.id,
            asked=item.digest,
            status="ok",
            answer="2",
            text="2",
            prompt_tokens=10,
            completion_tokens=5,
        )
        for item in scored.items.values()
    }
    assert system.seconds is not None
    assert 0 < system.seconds < 5


def test_what_is_answered_is_not_asked_again_and_what_is_new_is(tmp_path: Path, server: Server):
    data = scenes(tmp_path / "data", SHARD + 5)
    system = directly(endpoint(server))
    evaluate(tmp_path / "e", mine(data, SHARD), system)
    (tmp_path / "e" / "responses.sqlite").unlink()  # so that nothing but the table can know
    evaluate(tmp_path / "e", mine(data, SHARD), system)
    assert len(server.log) == SHARD
    scored = evaluate(tmp_path / "e", mine(data), system)
    assert len(server.log) == SHARD + 5
    assert len(scored.systems[0].predictions) == SHARD + 5


def test_a_question_that_was_changed_loses_its_old_answer(data: DataSet, server: Server, tmp_path: Path):
    system = directly(endpoint(server))
    evaluate(tmp_path / "e", mine(data), system)
    path = data.root / "questions.jsonl"
    path.write_text(path.read_text().replace("How many", "Count: how many", 1))
    folder = read(tmp_path / "e", mine(data))
    assert sorted(folder.answered("endpoint")) == sorted(f"q{i}" for i in range(1, 12))
    assert pending(EvaluationFolder(tmp_path / "e"), folder, system, tmp_path / "e" / "r.sqlite") == 12


def test_failures_have_names_and_count_as_wrong(data: DataSet, tmp_path: Path):
    def script(exchange: Exchange) -> Answer:
        number = int(prompt(exchange).split("#")[1].split()[0])
        match number:
            case 0:
                return error(400, "too many images")
            case 1:
                return reply(choice("I cannot help with that.", finish_reason="content_filter"))
            case 2:
                return reply(" ")
            case 3:
                return error(500)
            case _:
                return reply("2")

    path = data.root / "questions.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        line["answer"] = 2
    lines[4]["image"] = "gone.png"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    with Server(script) as server:
        scored = evaluate(tmp_path / "e", mine(data), directly(endpoint(server)))

    (system,) = scored.systems
    found = [(each.status, each.answer) for each in system.predictions.values()]
    assert found[:5] == [
        ("error", None),
        ("refused", None),
        ("no_answer", None),
        ("no_reply", None),
        ("no_image", None),
    ]
    problems = [each.problem or "" for each in system.predictions.values()]
    assert "too many images" in problems[0]
    assert "gone.png" in problems[4]
    assert system.scores.value() == pytest.approx(7 / 12)


def test_where_the_endpoint_was_down_a_later_run_asks_again(data: DataSet, tmp_path: Path):
    down = True

    def script(exchange: Exchange) -> Answer:
        return error(500) if down and "#3 " in prompt(exchange) else reply("2")

    with Server(script) as server:
        system = directly(endpoint(server))
        first = evaluate(tmp_path / "e", mine(data), system).systems[0].predictions
        down = False
        asked = len(server.log)
        second = evaluate(tmp_path / "e", mine(data), system).systems[0].predictions
        assert len(server.log) == asked + 1
    assert [each.question_id for each in first.values() if each.status != "ok"] == ["q3"]
    assert {each.status for each in second.values()} == {"ok"}


def test_questions_without_a_reference_are_answered_but_not_scored(
    data: DataSet, server: Server, tmp_path: Path
):
    path = data.root / "questions.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines[:5]:
        del line["answer"]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (system,) = evaluate(tmp_path / "e", mine(data), directly(endpoint(server))).systems
    assert (len(system.predictions), len(system.scores.ids)) == (12, 7)

    for line in lines[5:]:
        del line["answer"]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert evaluate(tmp_path / "e", mine(data), directly(endpoint(server))).systems == []


def test_a_run_that_does_not_know_the_questions_answers_none(data: DataSet, tmp_path: Path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "recipe.yaml").write_text("{}")
    scored = evaluate(tmp_path / "e", mine(data), System(read_source(str(run)), None, AnswerSettings()))
    statuses = {(each.status, each.problem) for each in scored.systems[0].predictions.values()}
    assert statuses == {("no_program", "the run does not have the question")}


def test_the_budget_stops_cleanly_and_a_higher_one_continues(data: DataSet, server: Server, tmp_path: Path):
    folder = read(tmp_path / "e", mine(data))
    root, responses = EvaluationFolder(tmp_path / "e"), tmp_path / "e" / "responses.sqlite"
    slow = endpoint(server).endpoint
    assert slow is not None
    source = endpoint(server)._replace(endpoint=slow.model_copy(update={"max_concurrency": 1}))
    with pytest.raises(BudgetSpent, match="--max-tokens-total"):
        predict(root, folder, directly(source, max_tokens_total=60), responses)
    asked = len(server.log)
    assert 0 < asked < 12
    predict(root, folder, directly(source, max_tokens_total=1000), responses)
    assert len(server.log) == 12  # what had been paid for was not asked again


def test_a_dry_run_asks_nothing_and_says_how_much_it_would(data: DataSet, server: Server, tmp_path: Path):
    done = vpd(
        *("evaluate", settings(tmp_path, server, prices={"input": 1, "output": 2}), "--dry-run"),
        *("--benchmark", data.root / "questions.jsonl", "--data", data.root / "images"),
        *("--out", tmp_path / "e", "--cache", tmp_path),
    )
    assert done.returncode == 0, done.stderr
    row = next(line for line in done.stdout.splitlines() if "always-two" in line).split()
    assert row[0] == "questions"
    assert row[3:5] == ["12", "12"]
    assert server.log == []


def test_without_a_model_the_questions_are_written_for_programs_to_answer(data: DataSet, tmp_path: Path):
    done = vpd(
        *("evaluate", "--benchmark", data.root / "questions.jsonl", "--data", data.root / "images"),
        *("--out", tmp_path / "e", "--limit", "3"),
    )
    assert done.returncode == 0, done.stderr
    written = tmp_path / "e" / "benchmarks" / "questions" / "questions.jsonl"
    assert [json.loads(line)["id"] for line in written.read_text().splitlines()] == ["q0", "q1", "q2"]
    verified = vpd(
        *("verify", "--questions", written, "--images", data.root / "images", "--out", tmp_path / "run"),
        *("--candidates", data.root / "candidates.jsonl", "--annotations", data.root / "annotations.jsonl"),
        *("--tool", "detector=annotations", "--cache", tmp_path),
    )
    assert verified.returncode == 0, verified.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["./gone", "--benchmark", "gqa"], "there is no model or run at './gone'"),
        (["a/b", "--benchmark", "nothing"], "there is no benchmark 'nothing'"),
        (["a/b"], "say what is asked: --benchmark"),
        (["x=a/b", "x=c/d", "--benchmark", "gqa"], "two systems are called 'x'"),
        (["a/b", "--benchmark", "gqa", "--way", "guess"], "--way guess: there are direct, rationale, pixel"),
        ([], "holds no evaluation"),
    ],
)
def test_a_mistake_ends_in_one_sentence(arguments: list[str], complaint: str, tmp_path: Path):
    done = vpd("evaluate", *arguments, "--out", tmp_path / "e")
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_references_that_do_not_suit_the_metric_are_said(data: DataSet, server: Server, tmp_path: Path):
    asked = Asked(definition(metric="vqa_accuracy"), data.root / "questions.jsonl", data.root / "images")
    with pytest.raises(UserError, match="own cannot be scored by vqa_accuracy: .*ten references, not for 1"):
        evaluate(tmp_path / "e", asked, directly(endpoint(server)))


def test_people_judge_two_systems_of_an_evaluation(data: DataSet, tmp_path: Path):
    for name, said in (("student", "2"), ("twin", "3")):
        with Server(lambda _, said=said: reply(said)) as server:
            evaluate(tmp_path / "e", mine(data), directly(endpoint(server, name)))
    done = vpd("human-page", tmp_path / "e", "student", "twin", "--count", "4")
    assert done.returncode == 0, done.stderr
    (key_file,) = (tmp_path / "e" / "human").glob("key-*.json")
    key = read_key(key_file)
    page = (tmp_path / "e" / "human" / "page" / "index.html").read_text()
    assert not any(system in page for system in key.systems)
    yes, no = ({"correct": said, "factual": True, "consistent": True} for said in (True, False))
    lines = [
        {
            "page": key.page,
            "rater": rater,
            "item": place,
            "left": yes if item.left == "student" else no,
            "right": yes if item.right == "student" else no,
        }
        for rater in ("ann", "bob")
        for place, item in enumerate(key.items)
    ]
    results = tmp_path / "results.jsonl"
    results.write_text("".join(json.dumps(line) + "\n" for line in lines))

    done = vpd("agreement", key_file, results)

    assert done.returncode == 0, done.stderr
    correct, agreed = (line.split() for line in done.stdout.splitlines() if line.split()[:1] == ["correct"])
    assert correct[1:3] == ["100.0", "%"]
    assert "+100.0" in correct
    assert agreed == ["correct", "8", "100.0", "%", "1.00", "1.00", "1.00"]
    assert vpd("human-page", tmp_path / "e", "student", "base").returncode == 2
    assert "cannot be compared with itself" in vpd("human-page", tmp_path / "e", "twin", "twin").stderr
    assert vpd("human-page", tmp_path / "e", "student", "twin", "--count", "5").returncode == 0
    assert read_key(key_file) == key  # a later page does not take the key of an earlier one


@pytest.mark.slow
def test_killed_again_and_again_it_ends_with_the_same_table_and_pays_for_nothing_twice(tmp_path: Path):
    data = scenes(tmp_path / "data", 2 * SHARD)

    def slowly(exchange: Exchange) -> Answer:
        return reply("2", delay=0.02)

    def arguments(name: str) -> list[str]:
        told = ["evaluate", settings(tmp_path, server, max_concurrency=4), "--out", tmp_path / name]
        told += ["--benchmark", data.root / "questions.jsonl", "--data", data.root / "images"]
        return [*map(str, told), "--cache", str(tmp_path / name)]

    def table(name: str) -> list[bytes]:
        found = (tmp_path / name / "benchmarks").rglob("predictions/*/*.parquet")
        return [path.read_bytes() for path in sorted(found)]

    with Server(slowly) as server:
        assert vpd(*arguments("whole")).returncode == 0
        whole = len(server.log)
        for replies in (20, 90):  # within the first shard, and within the second
            command = [sys.executable, "-c", PROGRAM, *arguments("killed")]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _wait(lambda replies=replies: len(server.log) - whole >= replies, process)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert vpd(*arguments("killed")).returncode == 0
        repeated = len(server.log) - 2 * whole
    assert whole == 2 * SHARD
    assert table("killed") == table("whole")
    assert repeated <= 2 * 4  # what was in flight when it was killed


def _wait(done: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not done():
        assert process.poll() is None, "it ended before it was killed"
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)
