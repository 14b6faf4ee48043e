"""`vpd sample`, one round: every question ends with a typed outcome, nothing lost and nothing doubled."""

import json
from collections import Counter
from typing import Any

import pytest

from tests.language_models.server import Answer, Exchange, choice, error, reply
from tests.pipeline.world import RIGHT, WRONG, asked, writer
from vpd.errors import UserError
from vpd.language_models.errors import AuthenticationError
from vpd.pipeline.rounds import sample
from vpd.recipe import parse_recipe

FIVE: dict[str, Any] = {"rounds": [{"samples": 5, "temperature": 0.5}]}


def fine(exchange: Exchange) -> Answer:
    """Programs that are all different."""
    return writer(lambda a: RIGHT.replace("{colour}", f"{a.exchange.number}.{a.sample}"))(exchange)


def once(fault: Answer):
    """A script in which the first request for each scene meets a fault."""
    seen: Counter[int] = Counter()

    def script(exchange: Exchange) -> Answer:
        scene, *_ = asked(exchange)
        seen[scene] += 1
        return fault if seen[scene] == 1 else fine(exchange)

    return script


@pytest.mark.parametrize(
    "fault",
    [
        error(429),
        error(429, retry_after="0"),
        error(500),
        Answer(reset=True),
        Answer(stall=True),
        Answer(b'{"choices": [{"message": {"con'),
        reply("half", cut=20),
        reply(),
    ],
    ids=["429", "429-retry-after", "500", "reset", "stall", "truncated-json", "cut-off", "empty-choices"],
)
def test_a_fault_that_passes_leaves_no_trace(world, fault: Answer):
    here = world(once(fault), model={"timeout": 0.5, "max_attempts": 3})
    candidates = here.sample(**FIVE)
    assert [(c.example_id, c.index, c.problem) for c in candidates] == [
        (f"q{q}", i, None) for q in range(6) for i in range(5)
    ]
    assert len({c.program for c in candidates}) == 30
    assert len(here.server.log) == 12


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (error(500, "oops"), "no_reply"),
        (Answer(reset=True), "no_reply"),
        (Answer(stall=True), "no_reply"),
        (Answer(b'{"choices"'), "no_reply"),
        (reply(), "no_reply"),
        (error(400, "too long", code="context_length_exceeded"), "context_length"),
        (error(400, "flagged by our safety system"), "refusal"),
        (error(400, "no such thing as top_p"), "invalid_request"),
        (reply(*[choice(None, message={"refusal": "no"})] * 5), "refusal"),
        (reply(*[choice(None, finish_reason="length")] * 5), "empty_reply"),
        (reply(*["I see no cubes."] * 5), "no_program"),
    ],
)
def test_a_fault_that_stays_is_the_outcome_of_its_question_alone(world, fault: Answer, problem: str):
    here = world(lambda e: fault if asked(e)[0] == 3 else fine(e), model={"timeout": 0.4, "max_attempts": 2})
    rows: dict[str, list[Any]] = {}
    for candidate in here.sample(**FIVE):
        rows.setdefault(candidate.example_id, []).append(candidate)
    assert {c.problem_type for c in rows.pop("q3")} == {problem}
    assert {q: len(programs) for q, programs in rows.items()} == {f"q{q}": 5 for q in (0, 1, 2, 4, 5)}
    assert {c.problem for programs in rows.values() for c in programs} == {None}


def test_where_n_is_ignored_every_sample_is_asked_for_once(world):
    here = world(lambda e: reply(RIGHT.replace("{colour}", f"{e.number}")))
    candidates = here.sample(**FIVE)
    assert Counter(c.example_id for c in candidates) == {f"q{q}": 5 for q in range(6)}
    assert len({c.program for c in candidates}) == 30
    assert len(here.server.log) == 30


def test_without_log_probabilities_candidates_have_none(world):
    [first, *_] = world(fine).sample(**FIVE)
    assert first.log_probability is None


def test_log_probabilities_are_kept(world):
    here = world(lambda e: reply(*[choice(RIGHT, [-0.5, -0.25])] * e.n))
    assert {(c.log_probability, c.weight) for c in here.sample(**FIVE)} == {(-0.75, 5)}


def test_equal_programs_are_one_that_counts_them(world):
    here = world(writer(lambda a: [RIGHT, WRONG, f"# again\n{RIGHT}", RIGHT, "none"][a.sample]))
    candidates = here.sample(**FIVE)
    assert [(c.weight, c.problem_type) for c in candidates[:3]] == [(3, None), (1, None), (1, "no_program")]
    assert sum(c.usage.completion_tokens for c in candidates) == 6 * 25


def test_the_same_command_again_asks_nothing(world):
    here = world(fine)
    first = here.sample(**FIVE)
    assert here.sample(**FIVE) == first
    assert len(here.server.log) == 6


def test_a_question_that_the_endpoint_failed_on_is_asked_again_by_the_same_command(world):
    here = world(lambda e: error(500) if asked(e)[0] == 3 else fine(e))
    before = here.sample(**FIVE)
    sent = len(here.server.log)
    here.server.script = fine
    after = here.sample(**FIVE)
    assert len(here.server.log) == sent + 1
    assert {c.problem_type for c in before if c.example_id == "q3"} == {"no_reply"}
    assert [c for c in after if c.example_id != "q3"] == [c for c in before if c.example_id != "q3"]
    assert len([c for c in after if c.example_id == "q3" and c.problem is None]) == 5


def test_what_was_answered_of_a_question_is_kept_when_the_rest_of_it_fails(world):
    """One of five samples fails, and fails again in the next run: the other four are there both times."""
    fails = world(
        lambda e: error(500) if asked(e)[0] == 3 and e.number % 5 == 4 else fine(e),
        questions=4,
        model={"samples_per_request": 1, "max_attempts": 1, "max_concurrency": 1},
    )
    for _ in range(2):
        of_three = [c.problem_type for c in fails.sample(**FIVE) if c.example_id == "q3"]
        assert of_three == [None] * 4 + ["no_reply"]
        fails.server.script = lambda _: error(500)


def test_a_refusal_is_an_outcome_and_not_asked_again(world):
    here = world(lambda e: error(400, "flagged by our safety system"))
    here.sample(**FIVE)
    here.sample(**FIVE)
    assert len(here.server.log) == 6


def test_questions_with_the_same_prompt_share_their_replies(world):
    here = world(fine)
    path = here.root / "data" / "questions.jsonl"
    same = {"question": "How many red discs are there in scene 0?"}
    rows = [json.loads(line) | same for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    candidates = here.sample(**FIVE)
    assert len(here.server.log) == 1
    assert len(candidates) == 30
    assert len({c.program for c in candidates}) == 5


def test_a_limit_draws_for_the_first_questions_and_without_it_only_the_rest_is_asked(world):
    here = world(fine)
    assert {c.example_id for c in here.sample(limit=3, **FIVE)} == {"q0", "q1", "q2"}
    assert len(here.server.log) == 3
    assert len(here.sample(**FIVE)) == 30
    assert len(here.server.log) == 6


def test_another_prompt_is_another_request(world):
    here = world(fine)
    here.sample(**FIVE)
    here.sample(hint="Answer with a number.", **FIVE)
    assert len(here.server.log) == 12


@pytest.mark.parametrize(
    "change",
    [{"prices": {"input": 1, "output": 2}}, {"timeout": 9}, {"max_concurrency": 3}, {"max_attempts": 7}],
)
def test_what_does_not_change_a_reply_makes_nothing_stale(world, change: dict[str, Any]):
    here = world(fine)
    here.sample(**FIVE)
    shards = {path: path.stat().st_mtime_ns for path in here.run.root.rglob("*.parquet")}
    here.model = change
    here.sample(**FIVE)
    assert {path: path.stat().st_mtime_ns for path in here.run.root.rglob("*.parquet")} == shards


def test_an_example_that_cannot_be_read_is_not_asked_about(world):
    here = world(fine)
    (here.root / "data" / "images" / "0002.png").unlink()
    assert "q2" not in {c.example_id for c in here.sample(**FIVE)}
    assert len(here.server.log) == 5


def test_an_error_that_ends_the_run_keeps_what_was_answered(world):
    here = world(
        lambda e: error(401, "bad key") if asked(e)[0] == 4 else fine(e), model={"max_concurrency": 1}
    )
    with pytest.raises(AuthenticationError):
        here.sample(**FIVE)
    sent = len(here.server.log)
    here.server.script = fine
    here.sample(**FIVE)
    assert len(here.server.log) - sent == 6 - (sent - 1)


def test_programs_from_a_file_and_drawn_ones_do_not_mix(world):
    here = world(fine)
    values = here.values()
    values["data"]["candidates"] = "data/candidates.jsonl"
    recipe = parse_recipe(values, "test", here.root)
    with pytest.raises(UserError, match=r"data\.candidates"):
        sample(recipe, here.run, 1, here.responses)
