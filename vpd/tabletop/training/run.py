"""`vpd tabletop train`: trains specialists, scores them on held-out scenes and writes weights with their cards."""

import json
from dataclasses import replace
from pathlib import Path

from vpd.errors import UserError
from vpd.tabletop.training.beginning import earlier_runs
from vpd.tabletop.training.card import card, score_lines
from vpd.tabletop.training.catalogue import SPECIALISTS
from vpd.tabletop.training.loop import train
from vpd.tabletop.training.specialist import Specialist

SCORE_SEED = 1

_PROLONGED = 0.5
"""Share of the learning rates that a model goes on with: at their peaks much would be unlearnt first."""


def train_specialists(
    what: str,
    out: Path,
    work: Path,
    *,
    steps: int | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    device: str = "auto",
    workers: int = 0,
    prolong: bool = False,
    scored: int = 400,
) -> None:
    """Train one specialist, or `all`; steps that were done before are not done again.

    Args:
        out: gets a folder for each: weights and card.
        work: gets a folder for each: checkpoint and curve.
        prolong: begin with the weights that `out` holds, at lower rates.
        scored: held-out scenes or questions; 0 leaves the scores out of the card.

    Raises:
        UserError: there is no such specialist, or `work` holds another run of it, or `out` no weights to prolong.
    """
    import torch

    if what != "all" and what not in SPECIALISTS:
        raise UserError(f"there is no specialist {what!r}; choose from {', '.join(SPECIALISTS)} or all")
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    for name in SPECIALISTS if what == "all" else [what]:
        specialist = SPECIALISTS[name](out)
        plan = specialist.schedule
        plan = replace(plan, steps=steps or plan.steps, batch_size=batch_size or plan.batch_size)
        if prolong:
            plan = replace(plan, muon=_PROLONGED * plan.muon, adamw=_PROLONGED * plan.adamw)
        folder = out / name
        done = train(
            specialist,
            work / name,
            schedule=plan,
            seed=seed,
            device=device,
            workers=workers,
            prolonged=folder if prolong else None,
        )
        before = earlier_runs(folder) if prolong else []
        specialist.save(done.model.cpu(), folder)
        weights = sum(weight.numel() for weight in done.model.parameters())
        scores = scores_of(specialist, folder, scored) if scored else {}
        points = [json.loads(line) for line in (work / name / "curve.jsonl").read_text().splitlines()]
        text = card(specialist, plan, seed, device, weights, done.seconds, before, points, scores, scored)
        (folder / "README.md").write_text(text, encoding="utf-8")
        print(f"{folder}: {done.steps} steps in {done.seconds / 60:.1f} min, loss {done.loss:.4f}")
        for line in score_lines(scores):
            print(line)


def scores_of(specialist: Specialist, folder: Path, count: int) -> dict[str, dict[str, float]]:
    """By split, of saved weights."""
    return {split: specialist.score(folder, split, count, SCORE_SEED) for split in ("val", "test")}
