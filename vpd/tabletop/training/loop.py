"""The training loop: batches that depend on seed and step alone, checkpoints, and a curve of losses and scores.

A run that is stopped and started again continues as if it had never stopped: on one processor bit for bit.
"""

import json
import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from vpd.errors import UserError
from vpd.progress import progress
from vpd.tabletop.training.beginning import begin_with
from vpd.tabletop.training.optimizer import Optimizer
from vpd.tabletop.training.pictures import PARTS
from vpd.tabletop.training.rendered import pooled_in
from vpd.tabletop.training.specialist import Schedule, Specialist

_SAID_EVERY = 20
"""Steps whose mean loss makes one point of the curve."""


@dataclass(frozen=True, slots=True)
class Trained:
    model: Any
    steps: int
    seconds: float
    """Spent in training, over all starts."""
    loss: float
    """Mean of the last steps."""


def train(
    specialist: Specialist,
    work: Path,
    *,
    schedule: Schedule | None = None,
    seed: int = 0,
    device: str = "cpu",
    workers: int = 0,
    prolonged: Path | None = None,
    save_every: int = 200,
    stop_at: int | None = None,
) -> Trained:
    """Train, or go on training.

    Args:
        work: where `checkpoint.pt` and `curve.jsonl` (step, seconds, loss) lie; beside it, in `scenes`, the
            pictures that all trainings share.
        schedule: the specialist's own by default.
        workers: processes that draw scenes beside this one; a divisor of 16 lets each keep its own in memory.
        prolonged: a folder of the specialist's saved weights to begin with, in place of random ones. The rates
            rise anew; with another seed than before, it sees other batches.
        save_every: steps between checkpoints.
        stop_at: a step to stop at before the schedule's end; the next call goes on from there.

    Raises:
        UserError: the work folder holds another run: with another schedule, seed or beginning; or there are no
            weights to prolong.
    """
    import torch

    plan = schedule or specialist.schedule
    work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = specialist.build()
    begun = begin_with(prolonged, model) if prolonged else ""
    model.to(device).train()
    optimizer = Optimizer(model, plan)
    # Not the number of steps: until the rates fall a longer run is the same as a shorter one.
    run = {"schedule": repr(replace(plan, steps=0)), "seed": seed, "begun": begun}
    begin, spent = _restore(work / "checkpoint.pt", run, model, optimizer, device)
    _trim(work / "curve.jsonl", begin)
    end = min(plan.steps, stop_at or plan.steps)
    recent: deque[float] = deque(maxlen=_SAID_EVERY)
    started = time.monotonic() - spent
    with (
        progress(specialist.name, plan.steps, begin) as advance,
        (work / "curve.jsonl").open("a", encoding="utf-8") as curve,
    ):
        examples = _Batches(specialist, plan.batch_size, seed, work.parent / "scenes")
        for step, batch in _batches(examples, range(begin, end), workers):
            with _autocast(device):
                loss = specialist.loss(model, _moved(batch, device))
            loss.backward()
            optimizer.step(step)
            recent.append(float(loss.detach()))
            seconds = time.monotonic() - started
            if (step + 1) % _SAID_EVERY == 0:
                mean = round(float(np.mean(recent)), 5)
                curve.write(json.dumps({"step": step + 1, "seconds": round(seconds, 1), "loss": mean}) + "\n")
                curve.flush()
            advance(1, f"loss {np.mean(recent):.4f}")
            if (step + 1) % save_every == 0 or step + 1 == end:
                _save(work / "checkpoint.pt", run, step + 1, seconds, model, optimizer)
    return Trained(model.eval(), end, time.monotonic() - started, _last_loss(recent, work / "curve.jsonl"))


def _batches(examples: Any, steps: range, workers: int) -> Iterator[tuple[int, Any]]:
    from torch.utils.data import DataLoader

    loader: Any = DataLoader(
        examples,
        batch_size=None,
        sampler=steps,
        num_workers=workers,
        prefetch_factor=4 if workers else None,
    )
    yield from zip(steps, loader, strict=True)


class _Batches:
    """Batch number so and so, whoever draws it."""

    def __init__(self, specialist: Specialist, size: int, seed: int, scenes: Path) -> None:
        self._specialist, self._size, self._seed, self._scenes = specialist, size, seed, scenes

    def __len__(self) -> int:
        return self._specialist.schedule.steps

    def __getitem__(self, step: int) -> Any:
        rng = np.random.default_rng((self._seed, crc32(self._specialist.name.encode()), step))
        with pooled_in(self._scenes):
            return self._specialist.batch(rng, self._size, step % PARTS)


def _moved(batch: Any, device: str) -> Any:
    if isinstance(batch, dict):
        return {name: _moved(value, device) for name, value in batch.items()}  # type: ignore[reportUnknownVariableType]
    return batch.to(device) if hasattr(batch, "to") else batch


def _autocast(device: str) -> Any:
    """Half precision where the hardware multiplies it faster."""
    import torch

    if device.startswith("cuda"):
        return torch.autocast("cuda", dtype=torch.bfloat16)
    if torch.cpu.get_capabilities().get("avx512_bf16"):
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return nullcontext()


def _save(
    path: Path, run: dict[str, Any], step: int, seconds: float, model: Any, optimizer: Optimizer
) -> None:
    import torch

    state = {**run, "step": step, "seconds": seconds, "model": model.state_dict()}
    torch.save({**state, "optimizer": optimizer.state()}, path.with_suffix(".part"))
    os.replace(path.with_suffix(".part"), path)


def _restore(
    path: Path, run: dict[str, Any], model: Any, optimizer: Optimizer, device: str
) -> tuple[int, float]:
    """Steps done before, and the seconds they took."""
    import torch

    if not path.exists():
        return 0, 0.0
    state = torch.load(path, map_location=device, weights_only=True)
    if any(state.get(name) != value for name, value in run.items()):
        raise UserError(
            f"{path} is of a run with another schedule, seed or beginning; remove its folder, or use another"
        )
    model.load_state_dict(state["model"])
    optimizer.restore(state["optimizer"])
    return state["step"], state["seconds"]


def _trim(curve: Path, step: int) -> None:
    """Points after the checkpoint are made again."""
    if curve.exists():
        lines = [line for line in curve.read_text().splitlines() if json.loads(line)["step"] <= step]
        curve.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _last_loss(recent: Sequence[float], curve: Path) -> float:
    if recent:
        return float(np.mean(recent))
    lines = curve.read_text().splitlines()
    return json.loads(lines[-1])["loss"] if lines else float("nan")
