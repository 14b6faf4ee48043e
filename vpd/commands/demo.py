"""`vpd demo`: the whole job on a small drawn world, offline."""

import time
from pathlib import Path
from typing import Any

from vpd.resources import resource
from vpd.tabletop.cli import app as world

__all__ = ["run_demo", "world"]

QUESTIONS = 80
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
    import yaml

    from vpd.commands.report import run_report
    from vpd.commands.run import run_run
    from vpd.commands.sample import SampleOptions
    from vpd.store import Run
    from vpd.tabletop.dataset import generate

    started = time.monotonic()
    data, recipe, run = out / "data", out / "recipe.yaml", Run(out / "run")
    print(f"Drawing {QUESTIONS} questions about solids and signs on a table, under {data}")
    generate(data, "val", QUESTIONS, seed=0, families=FAMILIES)
    recipe.write_text(yaml.safe_dump(_recipe(), sort_keys=False), encoding="utf-8")
    print(
        f"Doing what `vpd run {recipe}` does: a small language model writes programs, which are run, judged and"
    )
    print("put into words, and asks again where none is accepted")
    run_run(SampleOptions(recipe, run.root, out / "cache", None, None, None), dry_run=False)
    verdicts = list(run.verdicts.rows())
    right, kept = (sum(each) for each in zip(*((bool(v.correct), v.kept) for v in verdicts), strict=True))
    print(
        f"\n{right} programs give the label's answer; {kept} of them are likely to do so for the right reasons."
    )
    print(f"Done in {time.monotonic() - started:.0f} s. Open this page in a browser:")
    run_report(run.root, None)


def _recipe() -> dict[str, Any]:
    """The language model learnt the drawn world, mistakes included: the hotter it is, the more it makes."""
    return {
        "data": {
            "questions": "data/questions.jsonl",
            "images": "data",
            "annotations": "data/annotations.jsonl",
        },
        "tools": {"detector": {"name": "annotations"}, "reader": {"name": "rapidocr"}},
        "sampling": {
            "model": {
                "provider": "transformers",
                "model": str(resource("data", "tabletop/coder")),
                "device": "cpu",
                "dtype": "float32",
                "batch_size": 64,
            },
            "rounds": [{"samples": 2, "temperature": 0.7}, {"samples": 3, "temperature": 0.7}],
            "max_tokens": 300,
        },
    }
