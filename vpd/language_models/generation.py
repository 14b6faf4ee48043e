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
    draw, end = _Draw(jobs, model.device), _End(jobs, tokenizer, end_tokens)
    with torch.inference_mode():
        model.generate(
            input_ids=torch.tensor(ids, device=model.device),
            attention_mask=torch.tensor(mask, device=model.device),
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
    """A logits processor that draws each row's next token, and leaves no other possible."""

    def __init__(self, jobs: Sequence[Job], device: "torch.device") -> None:
        import torch

        self._temperature = torch.tensor([[job.temperature] for job in jobs], device=device)
        self._top_p = torch.tensor([[job.top_p] for job in jobs], dtype=torch.float64, device=device)
        self._truncates = any(job.top_p < 1 for job in jobs)
        self._streams = [
            # On the CPU whatever the model runs on: the same seed then draws the same numbers everywhere.
            torch.Generator().manual_seed(secrets.randbits(63) if job.seed is None else job.seed)
            for job in jobs
        ]
        self._chosen: list[torch.Tensor] = []

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        """Scores of shape (rows, vocabulary) to scores that are finite for one token in each row."""
        import torch

        own = scores.float().log_softmax(dim=-1)
        drawn = self._tokens(own)
        tokens = drawn.where(self._temperature > 0, own.argmax(dim=-1, keepdim=True))
        self._chosen.append(own.gather(1, tokens).squeeze(1))
        return torch.full_like(scores, -torch.inf).scatter(1, tokens, 0.0)

    def log_probabilities(self) -> list[list[float]]:
        """Of the tokens drawn so far, by row."""
        import torch

        return torch.stack(self._chosen, dim=1).tolist()

    def _tokens(self, log_probabilities: "torch.Tensor") -> "torch.Tensor":
        """Invert each row's cumulative distribution at one random number; of shape (rows, 1)."""
        import torch

        temperature = self._temperature.where(self._temperature > 0, 1.0)
        weights = (log_probabilities.double() / temperature).softmax(dim=-1)
        if self._truncates:
            weights = _nucleus(weights, self._top_p)
        uniform = torch.stack([torch.rand(1, generator=s, dtype=torch.float64) for s in self._streams])
        cumulative = weights.cumsum(dim=-1)
        target = uniform.to(cumulative.device) * cumulative[:, -1:]
        # The first token whose cumulative weight exceeds the target; a token without weight is never it.
        return torch.searchsorted(cumulative, target, right=True).clamp(max=weights.shape[-1] - 1)


def _nucleus(weights: "torch.Tensor", top_p: "torch.Tensor") -> "torch.Tensor":
    """Keep each row's likeliest tokens that first reach `top_p` together (Holtzman et al., 2020)."""
    ordered, order = weights.sort(dim=-1, descending=True, stable=True)
    before = ordered.cumsum(dim=-1) - ordered
    return weights.scatter(-1, order, ordered.where(before < top_p, 0.0))


class _End:
    """A stopping criterion that ends each row at its own limit, stop string or end token."""

    def __init__(self, jobs: Sequence[Job], tokenizer: Any, end_tokens: frozenset[int]) -> None:
        self.tokens: list[list[int]] = [[] for _ in jobs]
        """What each row generated until it ended."""
        self._jobs = jobs
        self._tokenizer = tokenizer
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
        text = _text(self._tokenizer, recent)
        return any(stop in text for stop in job.stop)


def _output(
    tokenizer: Any,
    job: Job,
    tokens: list[int],
    log_probabilities: list[float],
    end_tokens: frozenset[int],
) -> Output:
    text = _text(tokenizer, tokens)
    cuts = [at for stop in job.stop if (at := text.find(stop)) >= 0]
    complete = bool(cuts) or tokens[-1] in end_tokens
    return Output(
        text=text[: min(cuts)] if cuts else text,
        finish_reason="stop" if complete else "length",
        log_probabilities=tuple(log_probabilities[: len(tokens)]),
    )


def _text(tokenizer: Any, tokens: list[int]) -> str:
    return tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
