"""`vpd evaluate`."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple, cast, get_args

from vpd.commands.caches import response_cache
from vpd.commands.terminal import print_table
from vpd.errors import UserError
from vpd.evaluation.answering.asking import Way
from vpd.evaluation.benchmark import load_benchmark
from vpd.evaluation.folder import BenchmarkFolder, EvaluationFolder
from vpd.evaluation.loading import Asked, read_questions
from vpd.evaluation.systems import Source, read_source
from vpd.pipeline.evaluate import AnswerSettings, System, cost, pending, predict, systems
from vpd.pipeline.evaluate_scores import comparison_table, score_all, score_table, section
from vpd.reporting.evaluation import write_evaluation
from vpd.reporting.summary import Cell, Table
from vpd.store import Run


class EvaluateOptions(NamedTuple):
    """What the command line says."""

    models: Sequence[str]
    benchmarks: Sequence[str]
    out: Path
    data: Path | None
    ways: Sequence[str]
    limit: int | None
    cache: Path | None


def run_evaluate(
    options: EvaluateOptions, settings: AnswerSettings, dry_run: bool, show: bool = True
) -> None:
    """Without `show`, the report is written but no table is printed."""
    asked = asked_benchmarks(options)
    who = systems(_sources(options.models), _ways(options.ways), settings)
    if who and not asked:
        raise UserError(
            "say what is asked: --benchmark NAME, --benchmark FILE.yaml or --benchmark QUESTIONS.jsonl"
        )
    root = EvaluationFolder(options.out)
    if not asked and not root.benchmarks():
        raise UserError(f"{options.out} holds no evaluation; name a model and a --benchmark")
    responses = response_cache(options.cache)
    lock = Run(options.out).lock() if asked else nullcontext()
    with lock:
        folders = [] if asked else root.benchmarks()
        for each in asked:
            folder = root.benchmark(each.benchmark.name)
            read_questions(each, folder)
            folders.append(folder)
        if dry_run:
            print_table(_foreseen(root, folders, who, responses))
            return
        for system in who:  # a model is loaded once for all benchmarks
            for folder in folders:
                predict(root, folder, system, responses)
                for line in _failures(folder, system):
                    print(line)
        scored = score_all(root)
        known = {each.folder.name for each in scored}
        unscored = [folder for folder in folders if folder.name not in known]
        for folder in unscored if who else ():
            print(
                f"{folder.name} has no reference answers to score by; what was answered is in {folder.root}"
            )
        for each in scored if show else ():
            for table in (score_table(each), *comparison_table(each)):
                print_table(table)
        if scored:
            page = write_evaluation(
                options.out / "report", options.out.resolve().name, [section(each) for each in scored]
            )
            if show:
                print(f"\n{page}")
        if unscored and not who:
            print(f"\n{_question_files(unscored)}")


def _failures(folder: BenchmarkFolder, system: System) -> list[str]:
    """What kept a system from answering, a sentence for each status; such questions count as wrong."""
    answered = folder.answered(system.name).values()
    lines: list[str] = []
    for status in dict.fromkeys(each.status for each in answered if each.status != "ok"):
        failed = [each for each in answered if each.status == status]
        why = f": {failed[0].problem}" if failed[0].problem else ""
        again = "; the same command asks again" if status == "no_reply" else ""
        lines.append(
            f"{folder.name}: {system.name} has no answer to {len(failed)} of {len(answered)} questions "
            f"({status}){why}{again}"
        )
    return lines


def asked_benchmarks(options: EvaluateOptions) -> list[Asked]:
    """
    Raises:
        UserError: there is no such benchmark, or there are two of one name.
    """
    asked = [_asked(name, options) for name in options.benchmarks]
    names = [each.benchmark.name for each in asked]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UserError(f"two benchmarks are called {twice!r}; rename one, or give each its own --out")
    return asked


def _asked(name: str, options: EvaluateOptions) -> Asked:
    benchmark = load_benchmark(name)
    data = options.data
    if data is not None and (data / benchmark.name).is_dir():
        data = data / benchmark.name  # one folder for several benchmarks
    questions = Path(name) if name.endswith(".jsonl") else None
    return Asked(benchmark, questions, data, options.limit)


def _sources(models: Sequence[str]) -> list[Source]:
    sources = [read_source(model) for model in models]
    names = [source.name for source in sources]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UserError(f"two systems are called {twice!r}; name them: NAME=MODEL")
    return sources


def _ways(names: Sequence[str]) -> list[Way]:
    known = get_args(Way)
    for name in names:
        if name not in known:
            raise UserError(
                f"--way {name}: there are {', '.join(known)}; programs answer where a run is named"
            )
    return [cast("Way", name) for name in dict.fromkeys(names)]


def _foreseen(
    root: EvaluationFolder, folders: Sequence[BenchmarkFolder], who: Sequence[System], responses: Path
) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for folder in folders:
        questions = sum(folder.questions.count(shard) for shard in range(len(folder.questions)))
        for system in who:
            told = cost(folder, system, responses)
            tokens = (None, None) if told is None else (told.prompt_tokens, told.completion_tokens)
            price = None if told is None or told.cost is None else f"{told.cost:.4g}"
            left = pending(root, folder, system, responses)
            rows.append((folder.name, system.name, system.source.where, questions, left, *tokens, price))
        if not who:
            rows.append((folder.name, None, None, questions, None, None, None, None))
    return Table(
        title="Would be asked",
        columns=("benchmark", "system", "where", "questions", "to answer", "tokens in", "out", "cost"),
        rows=rows,
        note="Questions were read; no model was loaded or asked. Tokens and cost: of endpoints, for the first turn of "
        "each question, without what the cache holds.",
    )


def _question_files(folders: Sequence[BenchmarkFolder]) -> str:
    files = "\n".join(f"{folder.root / 'questions.jsonl'} (images: {folder.images})" for folder in folders)
    return f"{files}\nquestions for a recipe's `data`; `vpd evaluate` with a model answers them"
