"""`vpd evaluate --recipe`: a run's student, its twin, the model they began as and the programs, as its recipe says."""

from pathlib import Path
from typing import NamedTuple

from vpd.commands.caches import response_cache, tool_cache
from vpd.commands.evaluate import EvaluateOptions, asked_benchmarks, run_evaluate
from vpd.commands.verify import freeze
from vpd.errors import UserError
from vpd.evaluation.folder import BenchmarkFolder, EvaluationFolder
from vpd.evaluation.loading import read_questions
from vpd.evaluation.settings import EvaluationSettings
from vpd.inputs.settings import DataSettings
from vpd.pipeline.asked import settings_of
from vpd.pipeline.evaluate import AnswerSettings
from vpd.pipeline.inputs import read_inputs
from vpd.pipeline.rounds import sample_and_verify
from vpd.recipe import Recipe, load_recipe
from vpd.sampling.settings import Round
from vpd.store import Run
from vpd.verification.settings import VerificationSettings


class Evaluated(NamedTuple):
    """Where the results lie."""

    folder: EvaluationFolder
    programs: Run
    """The programs for the benchmark's questions."""


def run_evaluate_recipe(
    path: Path, out: Path | None, cache: Path | None, dry_run: bool = False, show: bool = True
) -> Evaluated:
    """
    Args:
        path: a recipe, or the run directory that holds one.
        out: the evaluation's folder; by default `evaluation` in the run directory.
        cache: the folder of model replies and tool results.
        dry_run: draw no programs and ask no model; say what would be asked of the models.
        show: print the tables.

    Raises:
        UserError: the recipe has no `evaluation`, or what it names cannot be had.
    """
    recipe = load_recipe(path / "recipe.yaml" if path.is_dir() else path)
    if recipe.evaluation is None:
        raise UserError(f"{path} does not say what to evaluate on; add `evaluation: {{benchmark: NAME}}`")
    settings = recipe.evaluation
    run = Run(path if path.is_dir() else Path("runs") / path.stem)
    folder = EvaluationFolder(out or run.root / "evaluation")
    programs = Run(folder.root / "programs")
    if recipe.sampling is not None and not dry_run:
        asked = EvaluateOptions(
            [], [settings.benchmark], folder.root, settings.data, [], settings.limit, cache
        )
        _answer_by_programs(recipe, settings, _questions(asked, folder), programs, cache)
    models = [f"{name}={where}" for name, where in _systems(recipe, run, programs)]
    run_evaluate(
        EvaluateOptions(
            models, [settings.benchmark], folder.root, settings.data, settings.ways, settings.limit, cache
        ),
        AnswerSettings(
            max_tokens=settings.max_tokens,
            device=settings.device,
            dtype=settings.dtype,
            batch_size=settings.batch_size,
        ),
        dry_run,
        show,
    )
    return Evaluated(folder, programs)


def _systems(recipe: Recipe, run: Run, programs: Run) -> list[tuple[str, str]]:
    """Those that are there, the most interesting pair first."""
    found = [(name, run.root / name) for name in ("student", "twin")]
    systems = [(name, str(folder)) for name, folder in found if folder.is_dir()]
    if recipe.finetune is not None:
        systems.append(("base", recipe.finetune.model))
    if programs.recipe.exists():
        systems.append(("programs", str(programs.root)))
    if not systems:
        raise UserError(
            f"{run.root} holds neither a student nor programs; `vpd run` and `vpd finetune` make them"
        )
    return systems


def _questions(options: EvaluateOptions, evaluation: EvaluationFolder) -> BenchmarkFolder:
    (asked,) = asked_benchmarks(options)
    folder = evaluation.benchmark(asked.benchmark.name)
    with Run(evaluation.root).lock():
        read_questions(asked, folder)
    return folder


def _answer_by_programs(
    recipe: Recipe, settings: EvaluationSettings, questions: BenchmarkFolder, run: Run, cache: Path | None
) -> None:
    """Draw as many programs for every question: which are kept must not decide who is asked again."""
    sampling = settings_of(recipe)
    only = Round(samples=settings.samples, temperature=sampling.schedule[0].temperature)
    held_out = recipe.model_copy(
        update={
            "data": DataSettings(
                questions=(questions.root / "questions.jsonl").resolve(),
                images=questions.images,
                annotations=recipe.data.annotations,
                shard_size=recipe.data.shard_size,
            ),
            "sampling": sampling.model_copy(update={"rounds": (only,)}),
            "verification": VerificationSettings(preset="paper"),
            "finetune": None,
            "evaluation": None,
        }
    )
    with run.lock():
        freeze(held_out, run)
        read_inputs(held_out, run)
        sample_and_verify(held_out, run, response_cache(cache), tool_cache(cache))
