"""Rounds: later ones draw only where nothing was accepted, each stage can be used alone, all of it resumes."""

from collections import Counter
from typing import Any

import pytest

from tests.pipeline.world import CRASHES, REJECTED, RIGHT, WRONG, Asked, ScriptedWorld, asked, writer
from vpd.errors import UserError
from vpd.store import Run

TWO: dict[str, Any] = {"rounds": [{"samples": 1}, {"samples": 1, "mode": "repair"}]}


def by_scene(a: Asked) -> str:
    """Scene 0 is solved at once; 1 and 2 when their program is repaired; 3 is never solved."""
    if a.scene == 0:
        return RIGHT
    if a.scene == 3:
        return WRONG.replace("9", str(90 + a.exchange.number))
    return RIGHT if a.repair else {1: CRASHES, 2: REJECTED}[a.scene]


def four(world, **settings: Any) -> ScriptedWorld:
    return world(writer(by_scene), questions=4, **settings)


def tables(run: Run) -> dict[str, list[bytes]]:
    return {
        str(path.relative_to(run.root)): [path.read_bytes()] for path in sorted(run.root.rglob("*.parquet"))
    }


def test_a_round_draws_only_for_questions_without_accepted_program(world):
    here = four(world)
    assert here.sample_and_verify(**TWO)
    assert Counter(asked(e)[0] for e in here.server.log) == {0: 1, 1: 2, 2: 2, 3: 2}
    kept = {(v.example_id, v.index) for v in here.run.verdicts.rows() if v.kept}
    assert kept == {("q0", 0), ("q1", 1), ("q2", 1)}
    assert [(c.example_id, c.index, c.round) for c in here.candidates] == [
        ("q0", 0, 1),
        *(pair for q in ("q1", "q2", "q3") for pair in ((q, 0, 1), (q, 1, 2))),
    ]


def test_repair_shows_what_went_wrong(world):
    here = four(world)
    here.sample_and_verify(**TWO)
    repaired = {asked(e)[0]: e.prompt for e in here.server.log if asked(e)[2]}
    assert "It failed on line 3: IndexError" in repaired[1]
    assert "LINE: CALL → RESULT:\n2: image.find" in repaired[1]
    assert "It failed on line 2: unresolved-attribute" in repaired[2]
    assert "It ran to its end" in repaired[3]


def test_when_every_question_is_solved_no_further_round_is_drawn(world):
    here = world(writer(lambda _: RIGHT), questions=4)
    assert here.sample_and_verify()
    assert len(here.server.log) == 4
    assert not (here.run.root / "rounds" / "2").exists()


def test_the_stages_alone_make_the_tables_that_the_run_makes(world, tmp_path):
    here = four(world)
    for number in (1, 2):
        here.sample(number, **TWO)
        here.verify(**TWO)
    alone = tables(here.run)
    here.run.root.rename(tmp_path / "alone")
    sent = len(here.server.log)
    here.sample_and_verify(**TWO)
    assert tables(here.run) == alone
    assert len(here.server.log) == sent, "the replies were in the cache"


def test_the_same_command_again_does_nothing(world):
    here = four(world)
    here.sample_and_verify(**TWO)
    times = {path: path.stat().st_mtime_ns for path in here.run.root.rglob("*.parquet")}
    sent = len(here.server.log)
    assert here.sample_and_verify(**TWO)
    assert {path: path.stat().st_mtime_ns for path in here.run.root.rglob("*.parquet")} == times
    assert len(here.server.log) == sent


class TestOutOfOrder:
    def test_a_round_needs_the_verdicts_of_those_before(self, world):
        here = four(world)
        with pytest.raises(UserError, match="round 2 needs the verdicts of round 1"):
            here.sample(2, **TWO)
        here.sample(1, **TWO)
        with pytest.raises(UserError, match="round 2 needs the verdicts of round 1"):
            here.sample(2, **TWO)

    def test_verdicts_on_programs_that_were_drawn_anew_do_not_count(self, world):
        here = four(world)
        here.sample(1, **TWO)
        here.verify(**TWO)
        here.sample(1, hint="Look closely.", **TWO)
        with pytest.raises(UserError, match="round 2 needs the verdicts of round 1"):
            here.sample(2, hint="Look closely.", **TWO)

    def test_there_is_no_round_beyond_the_last(self, world):
        with pytest.raises(UserError, match="the recipe has 2 rounds; there is no round 3"):
            four(world).sample(3, **TWO)

    def test_programs_drawn_with_other_settings_are_not_verified(self, world):
        here = four(world)
        here.sample(1, **TWO)
        with pytest.raises(UserError, match="were drawn with other settings"):
            here.verify(hint="Look closely.", **TWO)

    def test_without_programs_there_is_nothing_to_verify(self, world):
        with pytest.raises(UserError, match="there are no programs to verify"):
            four(world).verify(**TWO)


class TestAChangedRecipe:
    def test_rounds_that_the_recipe_no_longer_has_are_left_out(self, world):
        here = four(world)
        here.sample_and_verify(**TWO)
        here.sample_and_verify(rounds=TWO["rounds"][:1])
        assert {c.round for c in here.candidates} == {1}
        assert len(list(here.run.verdicts.rows())) == 4

    def test_a_round_added_to_the_end_leaves_those_before_alone(self, world):
        here = four(world)
        here.sample_and_verify(rounds=TWO["rounds"][:1])
        first = tables(here.run)["rounds/1/candidates/shard-000000.parquet"]
        sent = len(here.server.log)
        here.sample_and_verify(**TWO)
        assert len(here.server.log) == sent + 3
        assert tables(here.run)["rounds/1/candidates/shard-000000.parquet"] == first

    def test_verdicts_that_accept_the_same_leave_later_rounds_alone(self, world):
        here = four(world)
        here.sample_and_verify(**TWO)
        second = here.run.root / "rounds" / "2" / "candidates" / "shard-000000.parquet"
        drawn = second.stat().st_mtime_ns
        here.verification["accept_score"] = 0.9
        here.sample_and_verify(**TWO)
        assert second.stat().st_mtime_ns == drawn

    def test_new_questions_are_asked_and_old_ones_are_not_asked_again(self, world):
        here = four(world, shard_size=1)
        path = here.root / "data" / "questions.jsonl"
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(lines[:3]))
        here.sample_and_verify(**TWO)
        path.write_text("".join(lines))
        sent = len(here.server.log)
        here.sample_and_verify(**TWO)
        assert {asked(e)[0] for e in here.server.log[sent:]} == {3}
        assert {c.example_id for c in here.candidates} == {"q0", "q1", "q2", "q3"}


class TestBudget:
    def test_what_was_paid_for_is_verified_when_the_budget_is_spent(self, world):
        here = four(world, model={"max_concurrency": 1})
        # A reply has 15 tokens.
        assert not here.sample_and_verify(max_tokens_total=30, **TWO)
        assert len(here.server.log) == 2
        verdicts = list(here.run.verdicts.rows())
        assert len(verdicts) == 2
        assert all(v.reason for v in verdicts)

    def test_a_higher_budget_continues_and_repeats_nothing(self, world):
        here = four(world, model={"max_concurrency": 1})
        spent = []
        for limit in (15, 30, 45, 60, 75, 200):
            done = here.sample_and_verify(max_tokens_total=limit, **TWO)
            spent.append(len(here.server.log))
        assert spent == [1, 2, 3, 4, 5, 7]
        assert done
        stepwise = [(c.example_id, c.index, c.program) for c in here.candidates]
        here.run.root.rename(here.root / "stepwise")
        here.sample_and_verify(**TWO)
        assert [(c.example_id, c.index, c.program) for c in here.candidates] == stepwise
        assert len(here.server.log) == 7

    def test_the_run_stops_within_the_requests_in_flight(self, world):
        here = world(
            writer(lambda _: RIGHT, delay=0.05), questions=40, shard_size=8, model={"max_concurrency": 3}
        )
        assert not here.sample_and_verify(max_tokens_total=150, **TWO)
        assert 10 <= len(here.server.log) <= 10 + 2
        assert len(here.candidates) == len(here.server.log)

    def test_a_spent_budget_still_uses_what_the_cache_holds(self, world):
        here = four(world)
        here.sample_and_verify(**TWO)
        sent = len(here.server.log)
        for path in here.run.root.rglob("*.parquet"):
            path.unlink()
        assert here.sample_and_verify(max_tokens_total=1, **TWO)
        assert len(here.server.log) == sent
        assert len(here.candidates) == 7
