"""What the evidence costs: the time it adds to `vpd verify`."""

import resource
import tempfile
from pathlib import Path

from benchmarks.tabletop_programs.real import DATA, NAMES, real_data
from tests.scenes import draw
from vpd.execution.reruns import prepared
from vpd.execution.settings import ToolSettings
from vpd.execution.syntax import syntax
from vpd.inputs.settings import DataSettings
from vpd.log import Log
from vpd.pipeline.evidence import evidence
from vpd.pipeline.execute import executions
from vpd.pipeline.inputs import read_inputs
from vpd.pipeline.judge import verdicts
from vpd.recipe import Recipe
from vpd.stages import complete
from vpd.store import Run
from vpd.verification.bindings import looked_for
from vpd.verification.looks import looks
from vpd.verification.relevance import held_against
from vpd.verification.settings import VerificationSettings

QUESTIONS = 200
AGAIN = 3
"""Runs with a cache that is not empty, of which the median is told."""


def cost() -> list[tuple[list[str], list[list[str]]]]:
    """CPU seconds by stage, on programs about drawn scenes and on real ones, by what the cache holds.

    Those of this process and its workers: unlike the time on the clock they do not tell of what else runs. The tools
    read annotations, and take hardly any.
    """
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        rows += _rows("drawn", _drawn(root), root)
        for name in NAMES if DATA.is_dir() else ():
            rows += _rows(name, real_data(name), root)
    columns = ["programs", *(f"{stage} (CPU s)" for stage in STAGES), "evidence adds"]
    return [(columns, rows)]


def _drawn(root: Path) -> DataSettings:
    data = draw(root / "data", QUESTIONS).root
    # Programs in real runs differ, and each is type-checked once.
    lines = (data / "candidates.jsonl").read_text().splitlines()
    marked = [line.replace("\\n    ", f"\\n    # {n}\\n    ", 1) for n, line in enumerate(lines)]
    (data / "candidates.jsonl").write_text("\n".join(marked))
    return DataSettings(
        questions=data / "questions.jsonl",
        images=data / "images",
        annotations=data / "annotations.jsonl",
        candidates=data / "candidates.jsonl",
    )


def _rows(name: str, data: DataSettings, root: Path) -> list[list[str]]:
    """With an empty cache, with the tools' results in it, and with the evidence too."""
    root /= f"{name} runs"
    empty = _measure(data, root, "empty")
    results: list[list[float]] = []
    full: list[list[float]] = []
    for n in range(AGAIN):
        results.append(_measure(data, root, f"results {n}", remember=False))
        full.append(_measure(data, root, f"full {n}"))
    return [
        _row(f"{name}, empty cache", empty),
        _row(f"{name}, tool results cached", _median(results)),
        _row(f"{name}, evidence cached too", _median(full)),
    ]


def _median(runs: list[list[float]]) -> list[float]:
    return sorted(runs, key=_added)[len(runs) // 2]


def _row(name: str, seconds: list[float]) -> list[str]:
    return [name, *(f"{each:.2f}" for each in seconds), f"{100 * _added(seconds):.0f} %"]


STAGES = ("questions", "executions", "evidence", "verdicts", "verdicts under paper")


def _added(seconds: list[float]) -> float:
    """By evidence and by the verdicts that weigh it, above all that is done without."""
    questions, ran, found, weighed, paper = seconds
    return (found + weighed - paper) / (questions + ran + paper)


def _measure(data: DataSettings, root: Path, name: str, remember: bool = True) -> list[float]:
    for remembered in (syntax, looks, looked_for, held_against, prepared):
        remembered.cache_clear()  # as in a run whose programs were never seen
    recipe = Recipe(data=data, tools={"detector": ToolSettings(name="annotations")})
    plain = recipe.model_copy(update={"verification": VerificationSettings(preset="paper")})
    run = Run(root / name)
    log = Log(run.log)
    cache = root / "cache.sqlite"
    tables = ([run.candidates], [run.executions])
    seconds: list[float] = []
    with run.lock():
        for work in (
            lambda: read_inputs(recipe, run),
            lambda: complete(
                executions(recipe, run.examples, run.candidates, run.executions, cache, log), log
            ),
            lambda: complete(
                evidence(recipe, run.examples, *tables, run.evidence, cache if remember else None, log), log
            ),
            lambda: complete(verdicts(recipe, run.examples, *tables, run.evidence, run.verdicts, cache), log),
            lambda: complete(verdicts(plain, run.examples, *tables, run.evidence, run.verdicts, cache), log),
        ):
            before = _cpu()
            work()
            seconds.append(_cpu() - before)
    return seconds


def _cpu() -> float:
    """Seconds that this process and its workers that have ended have computed."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
