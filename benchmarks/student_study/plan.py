"""What the study does: its options, each a field of `Plan`."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import gcd
from pathlib import Path
from typing import Literal, TypeVar

from vpd.distillation.settings import DistillationSettings, RationaleSettings
from vpd.recipe import Recipe, load_recipe
from vpd.resources import resource
from vpd.sampling.settings import Round
from vpd.training.settings import FinetuneSettings, TaskWeights

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """All that the study's figures depend on, and where it keeps what it made."""

    labels: tuple[int, ...]
    """Sizes of the training sets, ascending; each is a part of the next."""
    drawn: int
    """Questions of which each training set has the first so many."""
    seeds: int
    rates: tuple[float, ...]
    """Learning rates that student and twin choose from."""
    validation: int
    test: int
    """Questions."""
    programs: int
    """Drawn for each test question; the teacher's answer is that of most of them."""
    recipe: Path
    """Says which tools there are, and who writes the programs."""
    base: Path
    """The folder of the model that is fine-tuned."""
    finetune: FinetuneSettings
    """Of all fine-tunings but for learning rate and seed."""
    rationales: RationaleSettings
    work: Path
    """Everything that was made once is kept here."""
    out: Path
    """The folder of the table and the plot."""
    workers: int
    """Fine-tunings at once, each in a process with an equal share of the cores."""
    answers: int
    """Questions that a model answers at once."""
    command: str

    def teacher(self, data: Path, test: bool) -> Recipe:
        """The recipe, on these questions."""
        given = load_recipe(self.recipe)
        annotations = data / "annotations.jsonl" if given.data.annotations else None
        changes = {"questions": data / "questions.jsonl", "images": data, "annotations": annotations}
        updates: dict[str, object] = {
            "data": given.data.model_copy(update=changes | {"candidates": None, "hub": ()}),
            "distillation": DistillationSettings(rationales=self.rationales, trajectories=None),
            "finetune": None,
        }
        if test and given.sampling:
            first = given.sampling.schedule[0]
            rounds = (Round(samples=self.programs, temperature=first.temperature),)
            updates["sampling"] = given.sampling.model_copy(update={"rounds": rounds})
        return given.model_copy(update=updates)


def read_plan(arguments: Sequence[str] | None = None) -> Plan:
    """The plan of a command line; by default this process's."""
    parser = argparse.ArgumentParser("python -m benchmarks student", description=__doc__)
    add = parser.add_argument
    add("--labels", type=_several(int), default=(500, 2000), help="sizes of the training sets: 500,2000")
    add(
        "--drawn",
        type=int,
        help="questions to take the training sets from: as many as the largest has labels",
    )
    add("--seeds", type=int, default=3)
    add("--test", type=int, default=1000, help="questions")
    add("--validation", type=int, default=300, help="questions that learning rates are chosen by")
    add("--rates", type=_several(float), default=(3e-4, 1e-3, 3e-3), help="learning rates to choose from")
    add("--epochs", type=float, default=4)
    add("--steps", type=int, help="optimiser steps, in place of epochs")
    add("--batch", type=int, default=16, help="examples per optimiser step")
    add("--micro", type=int, default=16, help="examples computed at once: no part of the loss")
    add("--warmup", type=float, default=0.05, help="share of the steps")
    add("--method", choices=("full", "lora"), default="full")
    add("--vision", choices=("learns", "frozen"), default="frozen", help="the vision encoder")
    add(
        "--dtype",
        choices=("auto", "float32", "bfloat16"),
        default="auto",
        help="of training and answers; on a processor auto is float32, and bfloat16 pays where it has its instructions",
    )
    add("--device", choices=("auto", "cpu", "cuda"), default="cpu")
    add("--weights", type=_several(float), default=(1.0, 1.0), help="of the label and the rationale term")
    add(
        "--boxes",
        choices=("none", "pixels", "relative"),
        default="relative",
        help="coordinates in rationales",
    )
    add("--words", type=int, default=160, help="the most words of a rationale that is learnt from")
    add("--programs", type=int, default=5, help="programs drawn for each test question")
    add("--recipe", type=Path, default=resource("recipes", "tabletop.yaml"), help="of the teacher")
    add("--base", type=Path, default=resource("data", "tabletop") / "vlm", help="the model to fine-tune")
    add("--work", type=Path, default=Path("runs/student"), help="where what was done once is kept")
    add("--out", type=Path, default=resource("docs", "benchmarks"))
    add("--workers", type=int, default=1, help="fine-tunings at once")
    add("--answers", type=int, default=64, help="questions that a model answers at once")
    given = parser.parse_args(arguments)
    if len(given.weights) != 2:
        parser.error("--weights takes two numbers, of the label and the rationale term: 1,0.5")
    if not (given.base / "config.json").is_file():
        parser.error(f"--base {given.base} holds no model; `vpd tabletop train vlm` makes one")
    return Plan(
        labels=tuple(sorted(given.labels)),
        drawn=max(given.drawn or 0, *given.labels),
        seeds=given.seeds,
        rates=tuple(sorted(given.rates)),
        validation=given.validation,
        test=given.test,
        programs=given.programs,
        recipe=given.recipe,
        base=given.base.resolve(),
        finetune=_finetune(given),
        rationales=RationaleSettings(boxes=_boxes(given.boxes), max_words=given.words),
        work=given.work.resolve(),
        out=given.out.resolve(),
        workers=given.workers,
        answers=given.answers,
        command=_command(parser, given),
    )


def _finetune(given: argparse.Namespace) -> FinetuneSettings:
    label, rationale = given.weights
    return FinetuneSettings(
        model=str(given.base.resolve()),
        method=given.method,
        vision=given.vision == "learns",
        weights=TaskWeights(label=label, rationale=rationale),
        steps=given.steps,
        epochs=given.epochs,
        batch_size=given.batch,
        micro_batch_size=gcd(given.micro, given.batch),
        warmup=given.warmup,
        dtype=given.dtype,
        device=given.device,
        gradient_checkpointing=False,
        # A fine-tuning takes minutes: one that is broken off begins again.
        checkpoint_every=10**6,
    )


def _boxes(text: str) -> Literal["none", "pixels", "relative"]:
    return text  # type: ignore[return-value]


def _command(parser: argparse.ArgumentParser, given: argparse.Namespace) -> str:
    """The options that are not the defaults; where things are kept says nothing about the figures."""
    said = [parser.prog]
    for name, value in vars(given).items():
        if value == parser.get_default(name) or name in ("work", "out"):
            continue
        text = ",".join(f"{each:g}" for each in value) if isinstance(value, tuple) else str(value)
        said.append(f"--{name} {text}")
    return " ".join(said)


def _several(kind: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    def read(text: str) -> tuple[T, ...]:
        return tuple(kind(each) for each in text.split(","))

    return read
