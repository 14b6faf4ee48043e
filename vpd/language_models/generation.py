"""Batched sampling from a causal model in which each row keeps its own settings and random stream."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vpd.language_models.protocol import FinishReason

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Job:
    """One completion to generate."""

    prompt: tuple[int, ...]
    """Token ids."""
    temperature: float
    top_p: float
    max_tokens: int
    stop: tuple[str, ...]
    seed: int | None


@dataclass(frozen=True, slots=True)
class Output:
    text: str
    finish_reason: FinishReason
    log_probabilities: tuple[float, ...]
    """Of each sampled token, the one that ended the completion included, by the model's own distribution:
    before temperature and top-p."""


def generate(model: Any, tokenizer: Any, end_tokens: frozenset[int], jobs: Sequence[Job]) -> list[Output]:
    """Generate one completion for each job, all in one batch, with the model's `generate`.

    Each row draws its tokens from a random stream of its own, seeded with its own seed, so what a row draws
    does not depend on its neighbours; only rounding does (a batch of another shape may round otherwise, and
    then two nearly equal cumulative probabilities may change order).
    """
    import torch

    longest = max(len(job.prompt) for job in jobs)
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else 0
    padding = [longest - len(job.prompt) for job in jobs]
    ids = [[pad] * gap + list(job.prompt) for gap, job in zip(padding, jobs, strict=True)]
    mask = [[0] * gap + [1] * len(job.prompt) for gap, job in zip(padding, jobs, strict=True)]
    draw, end = _Draw(jobs), _End(jobs, tokenizer, longest, end_tokens)
    with torch.inference_mode():
        model.generate(
            input_ids=torch.tensor(ids, device=model.device),
            attention_mask=torch.tensor(mask, device=model.device),
            # Greedy: the draw leaves one token possible.
            do_sample=False,
            max_new_tokens=max(job.max_tokens for job in jobs),
            pad_token_id=pad,
            logits_processor=[draw],
            stopping_criteria=[end],
        )
    return [
        _output(tokenizer, job, tokens, log_probabilities, end_tokens)
        for job, tokens, log_probabilities in zip(jobs, end.tokens, draw.log_probabilities(), strict=True)
    ]


class _Draw:
    """A logits processor that draws each row's next token."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        import torch

        self._jobs = jobs
        self._streams = [
            # On the CPU whatever the model runs on: the same seed then draws the same numbers everywhere.
            torch.Generator().manual_seed(secrets.randbits(63) if job.seed is None else job.seed)
            for job in jobs
        ]
        self._chosen: list[torch.Tensor] = []

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        import torch

        own = scores.float().log_softmax(dim=-1)
        tokens = torch.stack([self._token(row, i) for i, row in enumerate(own)]).unsqueeze(1)
        self._chosen.append(own.gather(1, tokens).squeeze(1))
        return torch.full_like(scores, -torch.inf).scatter(1, tokens, 0.0)

    def log_probabilities(self) -> list[list[float]]:
        import torch

        return torch.stack(self._chosen, dim=1).tolist()

    def _token(self, log_probabilities: "torch.Tensor", row: int) -> "torch.Tensor":
        """Invert the cumulative distribution at one random number."""
        import torch

        job = self._jobs[row]
        uniform = torch.rand(1, generator=self._streams[row], dtype=torch.float64)
        if job.temperature == 0:
            return log_probabilities.argmax()
        weights = (log_probabilities.double() / job.temperature).softmax(dim=-1)
        if job.top_p < 1:
            weights = _nucleus(weights, job.top_p)
        cumulative = weights.cumsum(dim=-1)
        target = uniform.to(cumulative.device) * cumulative[-1]
        # The first token whose cumulative weight exceeds the target; a token without weight is never it.
        return torch.searchsorted(cumulative, target, right=True).clamp(max=len(weights) - 1).squeeze(0)


def _nucleus(weights: "torch.Tensor", top_p: float) -> "torch.Tensor":
    """Keep the likeliest tokens whose probabilities first reach `top_p` together (Holtzman et al., 2020)."""
    ordered, order = weights.sort(descending=True, stable=True)
    before = ordered.cumsum(dim=-1) - ordered
    return weights.scatter(0, order, ordered.where(before < top_p, 0.0))


class _End:
    """A stopping criterion that ends each row at its own limit, stop string or end token."""

    def __init__(
        self, jobs: Sequence[Job], tokenizer: Any, prompt_length: int, end_tokens: frozenset[int]
    ) -> None:
        self.tokens: list[list[int]] = [[] for _ in jobs]
        """What each row generated until it ended."""
        self._jobs = jobs
        self._tokenizer = tokenizer
        self._prompt_length = prompt_length
        self._end_tokens = end_tokens
        self._ended = [False] * len(jobs)

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor", **_: Any) -> "torch.Tensor":
        import torch

        for row, token in enumerate(input_ids[:, -1].tolist()):
            if not self._ended[row]:
                self.tokens[row].append(token)
                self._ended[row] = self._is_end(self._jobs[row], self.tokens[row])
        return torch.tensor(self._ended, device=input_ids.device)

    def _is_end(self, job: Job, tokens: list[int]) -> bool:
        if tokens[-1] in self._end_tokens or len(tokens) >= job.max_tokens:
            return True
        if not job.stop:
            return False
        # No token is shorter than a byte, so these hold any stop string that the newest token completes.
        recent = tokens[-max(len(stop.encode()) for stop in job.stop) - 1 :]
        text = self._tokenizer.decode(recent, skip_special_tokens=True)
        return any(stop in text for stop in job.stop)


def _output(
    tokenizer: Any,
    job: Job,
    tokens: list[int],
    log_probabilities: list[float],
    end_tokens: frozenset[int],
) -> Output:
    text = tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    cuts = [at for stop in job.stop if (at := text.find(stop)) >= 0]
    complete = bool(cuts) or tokens[-1] in end_tokens
    return Output(
        text=text[: min(cuts)] if cuts else text,
        finish_reason="stop" if complete else "length",
        log_probabilities=tuple(log_probabilities[: len(tokens)]),
    )
