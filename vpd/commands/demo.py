"""`vpd demo`: the whole job on a small drawn world, offline."""

import json
import time
from pathlib import Path

from vpd.tabletop.cli import app as world

__all__ = ["run_demo", "world", "write_programs"]

QUESTIONS, PROGRAMS = 60, 5
# Those whose objects, attributes and signs the tools below can see.
FAMILIES = (
    "exists",
    "count",
    "count_filtered",
    "compare_counts",
    "relation",
    "between",
    "read_sign",
    "sign_arithmetic",
    "price",
    "word_shown",
)


def run_demo(out: Path) -> None:
    from vpd.commands.report import run_report
    from vpd.commands.verify import verify_recipe
    from vpd.execution.settings import ToolSettings
    from vpd.inputs.settings import DataSettings
    from vpd.recipe import Recipe
    from vpd.store import Run
    from vpd.tabletop.dataset import generate
    from vpd.verification.settings import VerificationSettings

    started = time.monotonic()
    data = out / "data"
    run = Run(out / "run")
    print(f"Drawing {QUESTIONS} questions about solids and signs on a table, under {data}")
    generate(data, "val", QUESTIONS, seed=0, families=FAMILIES)
    mistakes = write_programs(data)
    recipe = Recipe(
        data=DataSettings(
            questions=data / "questions.jsonl",
            images=data,
            annotations=data / "annotations.jsonl",
            candidates=data / "candidates.jsonl",
        ),
        verification=VerificationSettings(preset="evidence"),
        tools={"detector": ToolSettings(name="annotations"), "reader": ToolSettings(name="rapidocr")},
    )
    print(f"Running {PROGRAMS} programs for each: some right, some with a mistake made on purpose")
    verify_recipe(recipe, run, cache=out / "tools.sqlite")
    verdicts = list(run.verdicts.rows())
    right = [verdict for verdict in verdicts if verdict.correct]
    kept = [verdict for verdict in verdicts if verdict.kept]
    print()
    for what, some in (("gave the right answer", right), ("were kept", kept)):
        lucky = sum(mistakes[v.example_id][v.index] != "none" for v in some)
        print(f"{len(some)} programs {what}; {lucky} of them hold a mistake and were right by luck.")
    print(f"Done in {time.monotonic() - started:.0f} s. Open this page in a browser:")
    run_report(run.root, None)


def write_programs(data: Path) -> dict[str, list[str]]:
    """Candidates for each question: its gold program, and variations of it as a language model would err.

    Returns:
        By question, the mistake in each of its candidates; `none` for the gold program.
    """
    import numpy as np

    from vpd.tabletop.mistakes import mistaken

    truths = [json.loads(line) for line in (data / "truth" / "questions.jsonl").read_text().splitlines()]
    texts = {
        row["id"]: row["question"]
        for row in map(json.loads, (data / "questions.jsonl").read_text().splitlines())
    }
    made: dict[str, list[str]] = {}
    with (data / "candidates.jsonl").open("w", encoding="utf-8") as file:
        for number, truth in enumerate(truths):
            rng = np.random.default_rng((0, number))
            programs = [(truth["program"], "none")]
            while len(programs) < PROGRAMS:
                programs.append(mistaken(truth["program"], texts[truth["id"]], rng))
            rng.shuffle(programs)
            made[truth["id"]] = [mistake for _, mistake in programs]
            row = {"example_id": truth["id"], "programs": [program for program, _ in programs]}
            file.write(json.dumps(row) + "\n")
    return made
