"""`vpd finetune`."""

from pathlib import Path

from vpd.commands.terminal import print_table
from vpd.pipeline.finetune import Options, Training, train, training
from vpd.recipe import load_recipe
from vpd.reporting.summary import Table
from vpd.store import Run
from vpd.training import curve
from vpd.training.arguments import is_main
from vpd.training.finetuning import Finetuned
from vpd.training.memory import Memory
from vpd.training.preview import Preview, preview


def run_finetune(path: Path, out: Path | None, options: Options, dry_run: bool) -> None:
    # A run directory holds its own recipe.
    recipe = load_recipe(path / "recipe.yaml" if path.is_dir() else path)
    run = Run(out or (path if path.is_dir() else Path("runs") / path.stem))
    asked = training(recipe, run, options)
    if dry_run:
        print_table(_preview_table(asked, preview(asked.settings, asked.rows, asked.image_root)))
        return
    done = train(asked)
    if is_main():
        _say(done, "the twin" if options.twin else "the student")


def _preview_table(asked: Training, found: Preview) -> Table:
    examples = f"{found.examples:,}"
    rows: list[tuple[str, str, str]] = [("examples", examples, f"images under {asked.image_root}")]
    for task, count in found.rows.items():
        tokens = found.tokens[task]
        detail = f"{tokens.all:.0f} tokens each: {tokens.image:.0f} of images, {tokens.target:.0f} to learn"
        rows.append((f"{task} rows", f"{count:,}", detail))
    rows += [
        ("tokens", f"{found.total_tokens:,.0f}", f"in all; the longest row counted has {found.longest:,}"),
        ("steps", f"{found.steps:,}", f"of {found.batch_size} examples: {found.epochs:.3g} epochs"),
        ("devices", f"{found.processes}", f"{asked.settings.micro_batch_size} examples at once on each"),
        *_memory(found.memory),
        ("model", asked.settings.model, f"into {asked.folder}"),
    ]
    note = (
        "Tokens were counted by the model's processor, on some rows of each task."
        if found.exact
        else "The model's processor cannot be had here: tokens are a guess, four characters to one, and one to each "
        "32 x 32 pixels."
    )
    return Table(title="Fine-tuning would learn from", columns=("", "", ""), rows=rows, note=note)


def _memory(memory: Memory | None) -> list[tuple[str, str, str]]:
    if memory is None:
        return [("memory", "unknown", "the model's configuration cannot be had here")]
    parts = (("weights", memory.weights), ("learning", memory.training), ("activations", memory.activations))
    detail = ", ".join(f"{_size(size)} {name}" for name, size in parts)
    kind = "bfloat16" if memory.bfloat16 else "float32"
    return [
        ("parameters", f"{memory.parameters:,}", f"{memory.trained:,} learn; computed in {kind}"),
        ("memory", _size(memory.total), f"estimated, on a device that holds the whole model: {detail}"),
    ]


def _size(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"


def _say(done: Finetuned, what: str) -> None:
    last = curve.read(done.losses)[-1]
    tasks = ", ".join(f"{task} {loss:.4f}" for task, loss in last.tasks.items())
    print(f"{what}: {last.step:,} steps, last loss {last.loss:.4f} ({tasks}; nats per token)")
    print(f"{done.folder}: README.md says how to load it")
    if done.merged:
        print(f"{done.merged}: the whole model, for programs that load no adapters")
