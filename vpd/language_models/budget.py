"""What a run has spent on language models, and the limit at which it stops."""

from collections.abc import Iterable
from typing import NamedTuple

from vpd.errors import UserError
from vpd.language_models.database import Database
from vpd.language_models.errors import BudgetSpent
from vpd.language_models.protocol import Identity
from vpd.language_models.settings import Prices
from vpd.records import Usage


class Spending(NamedTuple):
    replies: int = 0
    prompt_tokens: int = 0
    cached_prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    """In the currency of the prices; models without prices count as free."""

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


class Budget:
    """The limits of one run, and one model's way of counting towards them.

    Spending is kept by run, in the same transaction as the replies that caused it: it outlives the process,
    all models and processes of a run share it, and running the same command again goes on counting. Replies
    from the cache cost nothing. A request that begins before a limit is reached is finished, so a run ends
    over its limit by at most what was in flight.
    """

    def __init__(
        self,
        database: Database,
        run: str,
        prices: Prices | None = None,
        max_tokens: int | None = None,
        max_cost: float | None = None,
    ) -> None:
        """
        Args:
            database: where spending is kept.
            run: what the run is known by, e.g. an identifier in its directory.
            prices: of the model that this budget stands before.
            max_tokens: of prompts and completions together.
            max_cost: in the currency of the prices.

        Raises:
            UserError: `max_cost` is given for a model without prices.
        """
        if max_cost is not None and prices is None:
            raise UserError("a limit on the cost needs prices: add `prices` to the language model's settings")
        self._database = database
        self._run = run
        self._prices = prices
        self._max_tokens = max_tokens
        self._max_cost = max_cost

    def check(self) -> None:
        """
        Raises:
            BudgetSpent: the run has reached a limit.
        """
        if self._max_tokens is None and self._max_cost is None:
            return
        spent = self.spent()
        if self._max_tokens is not None and spent.tokens >= self._max_tokens:
            self._stop(f"{spent.tokens:,} of {self._max_tokens:,} tokens", "max-tokens-total")
        if self._max_cost is not None and spent.cost >= self._max_cost:
            self._stop(f"{spent.cost:.4g} of {self._max_cost:.4g} in money", "max-cost")

    def charge(self, model: Identity, usages: Iterable[Usage]) -> None:
        """Add one reply. Must be called within a transaction of the database."""
        shares = list(usages)
        cost = sum(self._prices.cost(share) for share in shares) if self._prices else 0.0
        self._database.query(
            "INSERT INTO spending VALUES (?, ?, 1, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " replies = replies + 1,"
            " prompt_tokens = prompt_tokens + excluded.prompt_tokens,"
            " cached_prompt_tokens = cached_prompt_tokens + excluded.cached_prompt_tokens,"
            " completion_tokens = completion_tokens + excluded.completion_tokens,"
            " cost = cost + excluded.cost",
            (
                self._run,
                str(model),
                sum(share.prompt_tokens for share in shares),
                sum(share.cached_prompt_tokens for share in shares),
                sum(share.completion_tokens for share in shares),
                cost,
            ),
        )

    def spent(self) -> Spending:
        """What the run has spent so far, over all its models and processes."""
        row = self._database.query(
            "SELECT sum(replies), sum(prompt_tokens), sum(cached_prompt_tokens), sum(completion_tokens),"
            " sum(cost) FROM spending WHERE run = ?",
            (self._run,),
        )[0]
        return Spending(*row) if row[0] is not None else Spending()

    def _stop(self, spent: str, option: str) -> None:
        raise BudgetSpent(
            f"the budget is used up: {spent}; everything received is kept, and a higher --{option} continues"
        )
