"""Evidence that the cache holds is that which would be found: the tables are the same, byte for byte."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.scenes import DataSet, draw
from vpd.execution.reruns import Reruns
from vpd.pipeline.inputs import read_inputs
from vpd.pipeline.rounds import verify
from vpd.recipe import Recipe, parse_recipe
from vpd.store import Run

Tables = list[list[bytes]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    return draw(tmp_path_factory.mktemp("discs") / "data", 8)


@pytest.fixture(scope="module")
def without(data: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return verified(recipe(data), tmp_path_factory.mktemp("run"), None)


@pytest.fixture
def cache(data: DataSet, tmp_path: Path, without: Tables) -> Path:
    """A full one; filling it has changed nothing."""
    path = tmp_path / "c.sqlite"
    assert verified(recipe(data), tmp_path / "empty", path) == without
    return path


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The programs that are looked into from now on."""
    seen: list[str] = []
    plain = Reruns.look_into

    async def look_into(self: Reruns, inputs: Any, tables: Any, studies: Any) -> Any:
        seen.extend(study.program for study in studies)
        return await plain(self, inputs, tables, studies)

    monkeypatch.setattr(Reruns, "look_into", look_into)
    return seen


def recipe(data: DataSet, **parts: Any) -> Recipe:
    names = ("questions", "annotations", "candidates")
    given = {"images": "images", "shard_size": 4} | {name: f"{name}.jsonl" for name in names}
    return parse_recipe(
        {"data": given, "tools": {"detector": {"name": "annotations"}}, **parts}, "test", data.root
    )


def verified(how: Recipe, out: Path, cache: Path | None) -> Tables:
    """The shards of evidence and verdicts."""
    run = Run(out)
    with run.lock():
        read_inputs(how, run)
        verify(how, run, cache)
    return [[table.path(i).read_bytes() for i in range(len(table))] for table in (run.evidence, run.verdicts)]


def test_what_is_in_the_cache_is_not_looked_into_again(
    data: DataSet,
    cache: Path,
    tmp_path: Path,
    without: Tables,
    looks: list[str],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(Reruns, "__aenter__", None)  # nothing starts a worker either
    assert verified(recipe(data), tmp_path / "full", cache) == without
    assert not looks


def test_damaged_entries_are_found_anew(
    data: DataSet, cache: Path, tmp_path: Path, without: Tables, looks: list[str]
):
    with closing(sqlite3.connect(cache)) as db, db:
        db.execute("UPDATE results SET value = replace(value, 'hangs_on', 'hangs_off')")
    assert verified(recipe(data), tmp_path / "damaged", cache) == without
    assert looks
    looks.clear()
    assert verified(recipe(data), tmp_path / "mended", cache) == without
    assert not looks


def test_other_limits_look_again(data: DataSet, cache: Path, tmp_path: Path, looks: list[str]):
    verified(recipe(data, execution={"limits": {"seconds": 3}}), tmp_path / "limits", cache)
    assert looks


def test_changed_images_ask_the_tools_and_leave_the_cache_out(
    data: DataSet, cache: Path, tmp_path: Path, looks: list[str]
):
    verified(recipe(data, verification={"perturbation": "mirror"}), tmp_path / "mirror", cache)
    assert looks


def test_a_program_that_exceeds_its_limits_is_tried_again(
    data: DataSet, tmp_path: Path, looks: list[str], monkeypatch: pytest.MonkeyPatch
):
    plain = Reruns.look_into

    async def too_slow(self: Reruns, inputs: Any, tables: Any, studies: Any) -> Any:
        return [None for _ in await plain(self, inputs, tables, studies)]

    with monkeypatch.context() as slow:
        slow.setattr(Reruns, "look_into", too_slow)
        verified(recipe(data), tmp_path / "slow", tmp_path / "c.sqlite")
    looks.clear()
    verified(recipe(data), tmp_path / "quick", tmp_path / "c.sqlite")
    assert looks
