"""Evidence in the cache is that of the very same programs, results and settings."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from vpd.arrow import to_table
from vpd.execution.cache import ResultCache
from vpd.records import Candidate, Evidence, Example, Execution, ImageFile, Json, Step
from vpd.verification.elsewhere import Neighbours
from vpd.verification.remembered import Remembered
from vpd.verification.shard import Shard

COUNT = 'def execute_command(image):\n    return len(image.find("cube"))\n'
KEYS = [b"one", b"two"]
ROWS = [
    [
        Evidence(
            example_id="q0",
            index=0,
            hangs_on=(1, 2),
            worlds={"mirror": "2", "é": None},
            relevance={"a": [0.1]},
        ),
        Evidence(example_id="q0", index=1),
    ],
    [],
]


def example(number: int, question: str = "How many cubes are there?", **more: Any) -> Example:
    image = ImageFile(path=f"{number}.png", sha256=f"{number:064}", width=100, height=80)
    return Example(id=f"q{number}", images=(image,), question=question, **more)


def found(*names: str, phrase: str = "cube") -> Step:
    boxes: list[Json] = [
        {"image": 0, "box": [0, 0, 9, 9], "category": name, "confidence": 1.0} for name in names
    ]
    return Step(
        kind="call",
        line=2,
        expression="image.find(...)",
        tool="find",
        image=0,
        region=(0, 0, 100, 80),
        arguments={"object_name": phrase},
        result=boxes,
    )


Question = tuple[Example, str, Step]

FIRST: Question = (example(0), COUNT, found("cube"))
OTHERS: list[Question] = [
    (example(1), COUNT, found("cube", "cube")),
    (example(2), COUNT.replace("cube", "cone"), found(phrase="cone")),
]


def shard(*questions: Question, rounds: int = 1) -> Shard:
    examples = [about for about, _, _ in questions]
    candidates = [Candidate(example_id=about.id, index=0, program=program) for about, program, _ in questions]
    executions = [
        Execution(example_id=about.id, index=0, status="ok", answer="1", steps=(step,))
        for about, _, step in questions
    ]
    return Shard(
        to_table(Example, examples),
        [to_table(Candidate, candidates)] * rounds,
        [to_table(Execution, executions)] * rounds,
    )


def keys(*questions: Question, made_by: str = "") -> list[bytes]:
    columns = shard(*questions)
    neighbours = Neighbours(columns.looked())
    elsewhere = [neighbours.of(number) for number in range(len(columns))]
    return Remembered(None, made_by).keys(columns.digests(), elsewhere)


def test_only_questions_with_the_same_call_are_neighbours():
    neighbours = Neighbours(shard(FIRST, *OTHERS).looked())
    assert [neighbours.of(number) for number in range(3)] == [{COUNT: [1]}, {COUNT: [0]}, {OTHERS[1][1]: []}]


def test_the_rows_of_several_rounds_stand_by_question():
    columns = shard(FIRST, *OTHERS, rounds=2)
    asked = columns.asked([0, 2])
    assert {n: [e.example_id for e in each.executions] for n, each in asked.items()} == {
        0: ["q0", "q0"],
        2: ["q2", "q2"],
    }
    assert [c.program for c in asked[2].candidates] == [OTHERS[1][1]] * 2
    assert columns.digests() == shard(FIRST, *OTHERS, rounds=2).digests()
    assert columns.digests()[0] != shard(FIRST, *OTHERS).digests()[0]


@pytest.mark.parametrize(
    "changed",
    [
        (FIRST[0], COUNT + "\n", FIRST[2]),
        (FIRST[0], COUNT, found("cone")),
        (FIRST[0], COUNT, found("cube", "cube")),
        (example(0, "Is there a cube?"), COUNT, FIRST[2]),
        (example(0, answers=("1",)), COUNT, FIRST[2]),
        (example(0, choices=("1", "2")), COUNT, FIRST[2]),
        (example(0).model_copy(update={"id": "another"}), COUNT, FIRST[2]),
        (
            example(0).model_copy(update={"images": (FIRST[0].images[0].model_copy(update={"width": 99}),)}),
            *FIRST[1:],
        ),
    ],
)
def test_what_is_changed_in_a_question_gives_it_another_key_and_its_neighbours(changed: Question):
    before, after = keys(FIRST, *OTHERS), keys(changed, *OTHERS)
    assert [one == two for one, two in zip(before, after, strict=True)] == [False, False, True]


def test_the_order_of_unrelated_questions_is_nothing_to_a_key():
    assert (
        keys(FIRST, *OTHERS) == keys(OTHERS[1], FIRST, OTHERS[0])[1:] + keys(OTHERS[1], FIRST, OTHERS[0])[:1]
    )


def test_other_settings_give_other_keys():
    assert not set(keys(FIRST, *OTHERS)) & set(keys(FIRST, *OTHERS, made_by="other limits"))


def test_rows_come_back_as_they_were(tmp_path: Path):
    with closing(ResultCache(tmp_path / "c.sqlite")) as cache:
        remembered = Remembered(cache, "")
        remembered.keep(zip(KEYS, ROWS, strict=True))
        assert remembered.find([*KEYS, b"none"]) == [*ROWS, None]
        assert remembered.find([b"%d" % n for n in range(2000)] + KEYS[:1]) == [None] * 2000 + ROWS[:1]


def test_without_a_cache_nothing_is_known():
    remembered = Remembered(None, "")
    remembered.keep(zip(KEYS, ROWS, strict=True))
    assert remembered.find(KEYS) == [None, None]


@pytest.mark.parametrize(
    "damage",
    [lambda _: "", lambda text: text[:-1], lambda text: text.replace("mirror", "mirrok"), lambda _: "[]"],
)
def test_what_is_damaged_is_not_known(tmp_path: Path, damage: Callable[[str], str]):
    path = tmp_path / "c.sqlite"
    with closing(ResultCache(path)) as cache:
        Remembered(cache, "").keep(zip(KEYS, ROWS, strict=True))
    change(path, KEYS[:1], damage)
    with closing(ResultCache(path)) as cache:
        assert Remembered(cache, "").find(KEYS) == [None, ROWS[1]]


def change(path: Path, some: Sequence[bytes], damage: Callable[[str], str]) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for key in some:
            [(value,)] = db.execute("SELECT value FROM results WHERE key = ?", (key,)).fetchall()
            db.execute("UPDATE results SET value = ? WHERE key = ?", (damage(value), key))
