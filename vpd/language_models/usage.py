"""A request's tokens, shared out over its completions."""

import math
from collections.abc import Sequence
from itertools import pairwise

from vpd.records import Usage


def split_usage(usage: Usage, weights: Sequence[float]) -> list[Usage]:
    """One share for each weight: tokens read evenly, tokens written by weight. They add up to `usage`."""
    if not weights:
        return []
    even = [1.0] * len(weights)
    columns = zip(
        split(usage.prompt_tokens, even),
        split(usage.cached_prompt_tokens, even),
        split(usage.completion_tokens, weights),
        strict=True,
    )
    return [
        Usage(prompt_tokens=prompt, cached_prompt_tokens=cached, completion_tokens=written)
        for prompt, cached, written in columns
    ]


def split(total: int, weights: Sequence[float]) -> list[int]:
    """A number cut at the rounded running sums of the weights, so that the parts add up to it."""
    whole, running, cuts = math.fsum(weights), 0.0, [0]
    for weight in weights[:-1]:
        running += weight
        cuts.append(round(total * running / whole))
    cuts.append(total)
    return [after - before for before, after in pairwise(cuts)]
