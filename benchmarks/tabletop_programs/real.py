"""What the evidence says of programs that a language model wrote for real images, in `../shared/data`."""

import tempfile
from collections import Counter
from pathlib import Path

from vpd.execution.settings import ToolSettings
from vpd.inputs.settings import DataSettings
from vpd.pipeline.inputs import read_inputs
from vpd.pipeline.rounds import verify
from vpd.recipe import Recipe
from vpd.records import Verdict
from vpd.store import Run
from vpd.verification.features import KINDS
from vpd.verification.settings import VerificationSettings

DATA = Path(__file__).parents[2].parent / "shared" / "data"
NAMES = ("photos", "nlvr_dev")


def real_tables() -> list[tuple[list[str], list[list[str]]]]:
    """How many of the programs with the label's answer each kind of evidence speaks against; none without data."""
    if not DATA.is_dir():
        return []
    found = {name: _verdicts(name) for name in NAMES}
    rows = [["programs with the label's answer", *(str(len(found[name])) for name in NAMES)]]
    for kind in KINDS:
        rows.append([f"{kind} speaks against", *(str(_against(found[name])[kind]) for name in NAMES)])
    rows.append(["not kept", *(str(sum(not v.kept for v in found[name])) for name in NAMES)])
    return [(["real programs", *NAMES], rows)]


def real_data(name: str) -> DataSettings:
    """One of `NAMES`, with the programs that a language model wrote for it."""
    data = DATA / name
    return DataSettings(
        questions=data / "questions.jsonl",
        images=data,
        annotations=data / "annotations.jsonl",
        candidates=DATA / "llm_programs.jsonl",
    )


def _verdicts(name: str) -> list[Verdict]:
    recipe = Recipe(
        data=real_data(name),
        tools={"detector": ToolSettings(name="annotations")},
        verification=VerificationSettings(preset="evidence"),
    )
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder))
        with run.lock():
            read_inputs(recipe, run)
            verify(recipe, run, Path(folder) / "cache.sqlite")
        return [verdict for verdict in run.verdicts.rows() if verdict.correct]


def _against(verdicts: list[Verdict]) -> Counter[str]:
    """By kind, how many programs lose by it."""
    lost: Counter[str] = Counter()
    for verdict in verdicts:
        assert isinstance(verdict.evidence, dict)
        parts = verdict.evidence["log-odds"]
        assert isinstance(parts, dict)
        lost.update(kind for kind, part in parts.items() if isinstance(part, float) and part < _NOTICED[kind])
    return lost


_NOTICED = dict.fromkeys(KINDS, -1.0) | {"chance": -0.2}
"""Log-odds below which a kind of evidence speaks against a program."""
