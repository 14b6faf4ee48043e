"""A tiny vision-language model that was taught to say something: the colour of a picture, and reasons for it."""

from pathlib import Path

from tests.tiny_vlm import build_tiny_vlm
from tests.training.training_rows import assistant, picture, user
from vpd.records import ImageFile, TrainingRow, View
from vpd.text.asking import LABEL_SUFFIX, RATIONALE_SUFFIX
from vpd.training.finetuning import finetune
from vpd.training.settings import FinetuneSettings

COLOURS = ("red", "blue", "green")
QUESTION = "Which colour?"


def images(folder: Path) -> dict[str, ImageFile]:
    """A picture of each colour."""
    folder.mkdir(parents=True, exist_ok=True)
    return {colour: picture(folder, f"{colour}.png", colour) for colour in COLOURS}


def teach(folder: Path) -> Path:
    """A model's folder; the model says the colour at the one suffix, and a sentence that ends with it at the other."""
    base = build_tiny_vlm(folder / "base")
    rows = [
        TrainingRow(
            id=f"{colour}/{task}",
            example_id=colour,
            task=task,
            messages=[user(f"{QUESTION} {suffix}"), assistant(said.format(colour))],
            images=(View(image=image),),
        )
        for colour, image in images(folder / "images").items()
        for task, suffix, said in (
            ("label", LABEL_SUFFIX, "{}"),
            ("rationale", RATIONALE_SUFFIX, "The answer is {}."),
        )
    ]
    settings = FinetuneSettings(
        model=str(base),
        method="full",
        steps=80,
        batch_size=3,
        micro_batch_size=3,
        learning_rate=1e-2,
        gradient_checkpointing=False,
        device="cpu",
    )
    return finetune(settings, rows, folder / "images", folder / "taught").folder
