"""Budgets and estimates: what a run may spend, has spent, and would spend."""

import asyncio

import pytest

from vpd.errors import UserError
from vpd.language_models.budget import Budget, Spending
from vpd.language_models.cached import CachedModel
from vpd.language_models.database import Database
from vpd.language_models.errors import BudgetSpent
from vpd.language_models.estimate import estimate
from vpd.language_models.settings import Prices
from vpd.language_models.upkeep import clear
from vpd.records import Usage

from .conftest import ask
from .server import choice, error, reply

PRICES = Prices(input=2.0, cached_input=0.5, output=10.0)


def test_prices_are_per_million_tokens():
    usage = Usage(prompt_tokens=3_000_000, cached_prompt_tokens=1_000_000, completion_tokens=100_000)
    assert PRICES.cost(usage) == pytest.approx(2 * 2.0 + 0.5 + 1.0)
    assert Prices(input=2.0, output=10.0).cost(usage) == pytest.approx(3 * 2.0 + 1.0)


class TestBudget:
    async def test_a_run_ends_over_its_limit_by_no_more_than_was_in_flight(self, serve, connect, database):
        server = serve(lambda _: reply("fine", prompt_tokens=60, completion_tokens=40, delay=0.02))
        budget = Budget(database, "run", max_tokens=1000)
        model = CachedModel(connect(server, max_concurrency=4), database, budget)
        asked = [model.complete(ask(f"q{i}")) for i in range(60)]
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        answered = [o for o in outcomes if isinstance(o, list)]
        assert all(isinstance(o, BudgetSpent) for o in outcomes if not isinstance(o, list))
        assert 10 <= len(answered) <= 10 + 3
        assert len(server.log) == len(answered)
        assert budget.spent().tokens == 100 * len(answered)

    async def test_running_again_sends_nothing_until_the_limit_is_raised(self, serve, connect, database):
        server = serve(lambda _: reply("fine", prompt_tokens=60, completion_tokens=40))

        def run(limit: int) -> CachedModel:
            return CachedModel(connect(server), database, Budget(database, "run", max_tokens=limit))

        await run(100).complete(ask("q0"))
        with pytest.raises(BudgetSpent, match="--max-tokens-total"):
            await run(100).complete(ask("q1"))
        assert len(server.log) == 1
        await run(200).complete(ask("q1"))
        assert len(server.log) == 2

    async def test_money_is_counted_by_the_prices(self, serve, connect, database):
        server = serve(lambda _: reply("fine", prompt_tokens=1_000_000, completion_tokens=0))
        model = CachedModel(connect(server), database, Budget(database, "run", PRICES, max_cost=5.0))
        for i in range(3):
            await model.complete(ask(f"q{i}"))
        with pytest.raises(BudgetSpent, match="--max-cost"):
            await model.complete(ask("q3"))

    async def test_all_models_and_processes_of_a_run_share_its_budget(self, serve, connect, tmp_path):
        server = serve(lambda _: reply("fine", prompt_tokens=60, completion_tokens=40))
        one, two = (Database(tmp_path / "r.sqlite") for _ in range(2))
        first = CachedModel(connect(server), one, Budget(one, "run", max_tokens=100))
        second = CachedModel(connect(server, model="other"), two, Budget(two, "run", max_tokens=100))
        another = CachedModel(connect(server, model="other"), two, Budget(two, "another", max_tokens=100))
        await first.complete(ask())
        with pytest.raises(BudgetSpent):
            await second.complete(ask())
        await another.complete(ask())

    async def test_replies_from_the_cache_and_failures_cost_nothing(self, serve, connect, database):
        server = serve(lambda seen: reply("fine") if seen.number == 1 else error(500))
        budget = Budget(database, "run")
        model = CachedModel(connect(server), database, budget)
        await model.complete(ask())
        await model.complete(ask())
        assert budget.spent() == Spending(replies=1, prompt_tokens=10, completion_tokens=5)

    async def test_refusals_are_charged_although_they_are_not_kept(self, serve, connect, database):
        server = serve(lambda _: reply(choice(None, message={"refusal": "no"})))
        budget = Budget(database, "run")
        await CachedModel(connect(server), database, budget).complete(ask())
        assert budget.spent().tokens == 15

    async def test_clearing_the_cache_leaves_what_was_spent(self, serve, connect, database):
        server = serve(lambda _: reply("fine"))
        budget = Budget(database, "run")
        await CachedModel(connect(server), database, budget).complete(ask())
        clear(database)
        assert budget.spent().replies == 1

    def test_a_limit_on_money_needs_prices(self, database):
        with pytest.raises(UserError, match="prices"):
            Budget(database, "run", max_cost=1.0)


class TestEstimate:
    async def test_only_what_is_not_cached_is_counted(self, serve, connect, database):
        server = serve(lambda seen: reply(*["x"] * seen.n))
        model = connect(server)
        await CachedModel(model, database).complete(ask("q0", n=3))
        requests = [ask("q0", n=3), ask("q0", n=5), ask("q1", n=5)]
        result = estimate(model, requests, database, PRICES)
        assert (result.requests, result.completions, result.cached) == (2, 7, 6)

    async def test_without_enough_replies_completions_are_as_long_as_max_tokens(self, serve, connect):
        model = connect(serve(lambda _: reply("x")))
        result = estimate(model, [ask(n=2, max_tokens=50)])
        assert result.completion_tokens == 100
        assert "upper bound" in result.completion_basis
        assert result.cost is None

    async def test_with_replies_completions_are_as_long_as_those(self, serve, connect, database):
        server = serve(lambda seen: reply(*["x"] * seen.n, completion_tokens=7))
        model = connect(server)
        await CachedModel(model, database).complete(ask("q0", n=20))
        assert estimate(model, [ask("q1", n=2, max_tokens=50)], database).completion_tokens == 14

    async def test_a_prompt_is_paid_for_once_a_request(self, serve, connect):
        server = serve(lambda _: reply("x"))
        together = estimate(connect(server), [ask(n=6)])
        apart = estimate(connect(server, samples_per_request=2), [ask(n=6)])
        assert (together.requests, apart.requests) == (1, 3)
        assert apart.prompt_tokens == 3 * together.prompt_tokens

    async def test_cost_follows_the_prices(self, serve, connect):
        result = estimate(connect(serve(lambda _: reply("x"))), [ask(max_tokens=100)], prices=PRICES)
        assert result.cost == pytest.approx((result.prompt_tokens * 2.0 + 100 * 10.0) / 1e6)
        assert not result.prompt_exact
