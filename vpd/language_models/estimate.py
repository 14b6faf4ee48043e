"""What requests would cost, from the very prompts that would be sent."""

from collections.abc import Iterable
from dataclasses import dataclass

from vpd.language_models.cache import ResponseCache
from vpd.language_models.canonical import canonical, key
from vpd.language_models.database import Database
from vpd.language_models.protocol import LanguageModel, Request, consecutive
from vpd.language_models.settings import Prices
from vpd.records import Usage


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would send, before anything is sent."""

    requests: int
    """To the server; more, if it turns out to give fewer completions at once than is known so far."""
    completions: int
    """To be paid for."""
    cached: int
    """Completions that are already there."""
    prompt_tokens: int
    prompt_exact: bool
    """Whether the model's own tokenizer counted them."""
    completion_tokens: int
    completion_basis: str
    """What the number of completion tokens rests on."""
    cost: float | None
    """None without prices. Discounts for prompts that the provider has cached are not foreseen."""


def estimate(
    model: LanguageModel,
    requests: Iterable[Request],
    database: Database | None = None,
    prices: Prices | None = None,
) -> Estimate:
    """Estimate requests, tokens and cost.

    Completions are taken to be as long as this model's stored ones on average, or, with too few of them, as
    `max_tokens` allows, which is an upper bound.
    """
    cache = ResponseCache(database) if database else None
    mean = cache.mean_completion_tokens(model.identity) if cache else None
    sent = completions = cached = prompt_tokens = 0
    written, exact = 0.0, True
    for request in requests:
        stored = cache.get(key(canonical(model.identity, request)), request.samples) if cache else {}
        missing = [sample for sample in request.samples if sample not in stored]
        parts = len(list(consecutive(missing, model.samples_per_request)))
        cached += len(stored)
        if not parts:
            continue
        count = model.count_tokens(request.messages)
        sent += parts
        completions += len(missing)
        prompt_tokens += parts * count.tokens
        exact = exact and count.exact
        written += len(missing) * (request.max_tokens if mean is None else min(mean, request.max_tokens))
    usage = Usage(prompt_tokens=prompt_tokens, completion_tokens=round(written))
    return Estimate(
        requests=sent,
        completions=completions,
        cached=cached,
        prompt_tokens=prompt_tokens,
        prompt_exact=exact,
        completion_tokens=usage.completion_tokens,
        completion_basis="max_tokens: an upper bound" if mean is None else "the mean of stored completions",
        cost=prices.cost(usage) if prices else None,
    )
