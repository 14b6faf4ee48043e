"""How good models and programs are, and what a run looks like."""

from pathlib import Path
from typing import Annotated

import typer

from vpd.cli.options import CacheFolder, DryRun, Limit, MaxCost, MaxTokens, RunFolder

app = typer.Typer(rich_markup_mode=None)


@app.command(
    epilog="Examples:\n\n"
    "`vpd evaluate Qwen/Qwen3-VL-4B-Instruct --benchmark gqa --limit 500 --out runs/gqa`\n\n"
    "`vpd evaluate runs/mine/student runs/mine/twin base=Qwen/Qwen3-VL-4B-Instruct programs=runs/mine "
    "--benchmark test.jsonl --data photos/ --out runs/test`\n\n"
    "`vpd evaluate --recipe recipe.yaml`\n\n"
    "`vpd evaluate qwen=Qwen/Qwen3-VL-8B-Instruct@http://localhost:8000/v1 --benchmark vstar --way pixel "
    "--out runs/vstar`"
)
def evaluate(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=]MODEL",
            help="A hub id, a folder (model or adapter), a run (its programs), MODEL@URL, or an endpoint's YAML.",
            show_default=False,
        ),
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option(help="Whose `evaluation` says all this; or its run directory.", show_default=False),
    ] = None,
    benchmark: Annotated[
        list[str] | None,
        typer.Option(help="A name, a definition (YAML) or questions (JSONL).", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The evaluation's folder; systems in one folder are compared [default: runs/evaluation; of a recipe, "
            "RUN/evaluation].",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="A folder in place of the hub, or of the images.", show_default=False),
    ] = None,
    way: Annotated[
        list[str] | None, typer.Option(help="direct, rationale or pixel [default: direct].")
    ] = None,
    limit: Limit = None,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, help="The longest reply [default: by the way].", show_default=False)
    ] = None,
    pixels: Annotated[
        bool, typer.Option("--pixels", help="Models count boxes in pixels, not in thousandths.")
    ] = False,
    device: Annotated[
        str, typer.Option(help="cpu, cuda, cuda:1; auto takes a GPU if there is one.")
    ] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16.")] = "auto",
    revision: Annotated[
        str | None, typer.Option(help="Commit or tag of the hub's models.", show_default=False)
    ] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Questions that a local model reads at once.")] = 8,
    dry_run: DryRun = False,
    max_tokens_total: MaxTokens = None,
    max_cost: MaxCost = None,
    cache: CacheFolder = None,
) -> None:
    """Score models and programs by a benchmark's official metric, and compare them on the same questions.

    Without a model, the scores of what was answered before are shown again. The same command again continues where
    it stopped; no question is answered twice.
    """
    from vpd.commands.evaluate import EvaluateOptions, run_evaluate
    from vpd.commands.evaluate_recipe import run_evaluate_recipe
    from vpd.pipeline.evaluate import AnswerSettings

    if recipe is not None:
        run_evaluate_recipe(recipe, out, cache, dry_run)
        return
    out = out or Path("runs/evaluation")
    options = EvaluateOptions(models or [], benchmark or [], out, data, way or ["direct"], limit, cache)
    boxes = "pixels" if pixels else "relative"
    settings = AnswerSettings(
        max_tokens, boxes, device, dtype, revision, batch_size, max_tokens_total, max_cost
    )
    run_evaluate(options, settings, dry_run)


@app.command(
    "human-page",
    epilog="Example: `vpd human-page runs/test 'student (rationale)' 'twin (rationale)' --count 100`",
)
def human_page(
    evaluation: Annotated[Path, typer.Argument(help="An evaluation's folder.", show_default=False)],
    first: Annotated[str, typer.Argument(help="A system, by its name in the tables.", show_default=False)],
    second: Annotated[str, typer.Argument(help="Another one.", show_default=False)],
    benchmark: Annotated[
        str | None, typer.Option(help="Which one, where there are several.", show_default=False)
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="Questions to judge.")] = 100,
    seed: Annotated[int, typer.Option(help="Of the questions drawn, and of who stands where.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Where it is written [default: EVALUATION/human].", show_default=False)
    ] = None,
) -> None:
    """Write a page on which people judge two systems' answers side by side, not knowing whose they are."""
    from vpd.commands.human import run_human_page

    run_human_page(evaluation, (first, second), benchmark, count, seed, out)


@app.command(epilog="Example: `vpd agreement runs/test/human/key-PAGE.json judgments-*.jsonl`")
def agreement(
    key: Annotated[Path, typer.Argument(help="The page's key-PAGE.json.", show_default=False)],
    files: Annotated[list[Path], typer.Argument(help="What people downloaded.", show_default=False)],
) -> None:
    """Say what people found on a page of `vpd human-page`, and how far they agree."""
    from vpd.commands.human import run_agreement

    run_agreement(key, files)


@app.command(epilog="Example: `vpd report runs/photos`, then open runs/photos/report/index.html in a browser")
def report(
    run: RunFolder,
    out: Annotated[
        Path | None, typer.Option(help="The report's folder [default: RUN/report].", show_default=False)
    ] = None,
) -> None:
    """Write a run as one HTML folder: every question, program, trace and verdict."""
    from vpd.commands.report import run_report

    run_report(run, out)
