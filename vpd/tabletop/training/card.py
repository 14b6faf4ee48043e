"""The model card beside a specialist's weights."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from vpd.tabletop.training.specialist import Schedule, Specialist

_POINTS = 8


def card(
    specialist: Specialist,
    plan: Schedule,
    seed: int,
    device: str,
    weights: int,
    seconds: float,
    before: Sequence[str],
    curve: Sequence[Mapping[str, Any]],
    scores: Mapping[str, Mapping[str, float]],
    scored: int,
) -> str:
    """Markdown.

    Args:
        weights: how many there are.
        seconds: of training.
        before: the runs whose weights it began with, the latest first.
        curve: `step`, `seconds` and `loss` of points in training.
        scores: by split, of the saved weights.
        scored: scenes or questions behind the scores.
    """
    shown = curve[:: max(len(curve) // _POINTS, 1)]
    shown = [*shown, *([curve[-1]] if curve and shown[-1] is not curve[-1] else [])]
    lines = [
        f"# {specialist.name}",
        "",
        f"{(specialist.__doc__ or '').strip().splitlines()[0]} Trained from random weights on the tabletop world "
        "alone.",
        "",
        f"- Weights: {weights:,}, stored as float16",
        f"- Data: {specialist.data}",
        f"- Steps: {plan.steps:,} of {plan.batch_size} examples, seed {seed}",
        f"- Optimizer: Muon (peak rate {plan.muon:g}) and AdamW ({plan.adamw:g})",
        f"- Time: {seconds / 60:.0f} minutes on {_where(device)}",
        *(f"- Before that: {run}" for run in before),
        f"- Made with: {', '.join(f'{name} {version(name)}' for name in ('torch', 'transformers'))}",
        "",
        *_loading(specialist),
        *_scored(scores, scored),
        "## Learning curve",
        "",
        "| Step | Minutes | Loss |",
        "|---|---|---|",
        *(f"| {p['step']:,} | {p['seconds'] / 60:.1f} | {p['loss']:.4f} |" for p in shown),
        "",
    ]
    return "\n".join(lines)


def _loading(specialist: Specialist) -> list[str]:
    if not specialist.loading:
        return []
    return ["In a recipe:", "", "```yaml", specialist.loading, "```", ""]


def _where(device: str) -> str:
    import torch

    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    return f"{torch.get_num_threads()} core(s) of a processor"


def _scored(scores: Mapping[str, Mapping[str, float]], count: int) -> list[str]:
    if not scores:
        return []
    return [f"## Held-out scores ({count} scenes or questions a split)", "", *score_lines(scores), ""]


def score_lines(scores: Mapping[str, Mapping[str, float]]) -> list[str]:
    """A table in Markdown."""
    if not scores:
        return []
    names = list(dict.fromkeys(name for its in scores.values() for name in its))
    rows = [
        f"| {name} | {' | '.join(f'{its[name]:.3f}' if name in its else '' for its in scores.values())} |"
        for name in names
    ]
    return [f"| | {' | '.join(scores)} |", f"|---|{'---|' * len(scores)}", *rows]
