"""Every benchmark's definition, from a local data set with the hub's columns to its score, worked out by hand."""

from pathlib import Path

import pytest

from tests.evaluation.asked import directly, endpoint, evaluate, prompt, replier
from tests.evaluation.stand_ins import STAND_INS, write
from vpd.evaluation.benchmark import benchmark_names, load_benchmark
from vpd.evaluation.loading import Asked

pytest.importorskip("datasets")


def test_every_benchmark_of_the_hub_has_a_stand_in():
    assert set(STAND_INS) == set(benchmark_names()) - {"tabletop"}


@pytest.mark.parametrize("name", sorted(STAND_INS))
def test_from_the_hubs_columns_to_the_official_score(name: str, tmp_path: Path):
    stand_in = STAND_INS[name]()
    data = write(stand_in, tmp_path / "data")
    with replier(stand_in.replies) as server:
        scored = evaluate(
            tmp_path / "run", Asked(load_benchmark(name), data=data), directly(endpoint(server))
        )
        asked = [prompt(exchange) for exchange in server.log]
        pictures = [exchange.body["messages"][0]["content"][0]["type"] for exchange in server.log]

    (system,) = scored.systems
    assert system.scores.value() == pytest.approx(stand_in.score)
    assert dict(system.scores.figures or {}) == pytest.approx(stand_in.figures)
    by_category = {name: found.estimate for name, found in system.scores.by_category().items()}
    if stand_in.categories:
        assert by_category == pytest.approx(stand_in.categories)
    if stand_in.asked:
        assert stand_in.asked in asked
    assert set(pictures) == {"image_url"}
