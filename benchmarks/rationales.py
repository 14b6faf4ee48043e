"""Are rationales true, and does the fact check see when they are not?

    python -m benchmarks rationales

On held-out tabletop scenes the truth is known: each sentence is read and held against the scene itself. Then one
thing in a rationale is changed, and the fact check has to notice; on tabletop scenes and, where there are any, on
real images. Takes about three minutes.
"""

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.rationale_checks.corruption import KINDS_OF_CHANGE, Kind, corrupted
from benchmarks.rationale_checks.paraphrase import embroidered, paraphrased, sentences_of
from benchmarks.rationale_checks.scene_truth import SceneTruth
from benchmarks.results import Report
from benchmarks.tabletop_programs.noise import EXACT, GOOD, Errors, NoisyHost
from vpd.distillation.check.check import Checker, states_answer
from vpd.distillation.facts.facts import find_facts
from vpd.distillation.facts.models import Fact
from vpd.distillation.rationale.composition import compose
from vpd.execution.limits import Limits
from vpd.execution.sandbox import ProgramInputs, Sandbox
from vpd.execution.settings import ToolSettings
from vpd.inputs.settings import DataSettings
from vpd.pipeline.inputs import read_inputs
from vpd.pipeline.rounds import verify
from vpd.recipe import Recipe
from vpd.records import Example, Execution, ImageFile
from vpd.store import Run
from vpd.tabletop.generation import asked_scenes
from vpd.tabletop.host import TruthHost

QUESTIONS = 370
FALSE_RATE = 0.2
"""Share of its sentences after which the simulated language model puts a false one."""
CHANGES = 2
"""Changes of each kind to each rationale."""
ANSWERS = ("yes", "no", "2", "7", "red", "cube", "metal", "BAKERY", "small cone")
DATA = Path(__file__).parents[1].parent / "shared" / "data"


class Kept(NamedTuple):
    """A program with the label's answer, and what it found out."""

    example: Example
    program: str
    facts: tuple[Fact, ...]
    truth: SceneTruth | None = None

    @property
    def sizes(self) -> list[tuple[int, int]]:
        return [(image.width, image.height) for image in self.example.images]

    @property
    def checker(self) -> Checker:
        return Checker(self.facts, self.example, self.program)

    @property
    def rationale(self) -> str:
        return compose(self.facts, self.example.id, self.sizes)


def main() -> None:
    report = Report("rationales")
    exact = asyncio.run(tabletop(EXACT))
    erring = asyncio.run(tabletop(GOOD))
    columns = ["", "rationales", "sentences", "could be judged", "true of the scene"]
    rows = [
        _truth_row("template, tools without errors", ((k, k.rationale) for k in exact)),
        _truth_row("template, tools with few errors", ((k, k.rationale) for k in erring)),
    ]
    written, kept, false, through = rewritten(exact)
    rows.append(_truth_row("simulated model, as written", written))
    rows.append(_truth_row("simulated model, kept by the check", kept))
    report.table(columns, rows)
    report.table(
        ["simulated model", "count"],
        [
            ["false sentences put in", false],
            ["of these in rationales that the check kept", through],
        ],
    )
    real = list(real_programs())
    names = ["tabletop"] + (["real images"] if real else [])
    groups = [exact, *([real] if real else [])]
    caught = [corruption(group) for group in groups]
    report.table(
        ["what was changed", *(f"{name}: caught" for name in names)],
        [[kind, *(_share(*found[kind]) for found in caught)] for kind in KINDS_OF_CHANGE],
    )
    refused = [refusals(group) for group in groups]
    report.table(
        ["true rationales refused", *names],
        [[name, *(_share(*each[name]) for each in refused)] for name in ("template", "in other words")],
    )
    report.write(
        f"{len(exact)} gold programs of held-out tabletop questions, and {len(real)} selected programs that a "
        "language model wrote for real images. The simulated language model puts the template's rationales into "
        f"other words and follows {FALSE_RATE:.0%} of their sentences with a false version. A change that leaves a "
        "rationale true (it names another object of which the same holds) counts as not caught, so that 100 % "
        "cannot be expected."
    )


async def tabletop(errors: Errors) -> list[Kept]:
    """Gold programs that gave the label's answer with such tools."""
    kept: list[Kept] = []
    async with Sandbox(Limits(seconds=60, total_seconds=600), workers=1) as sandbox:
        for number, scene in enumerate(asked_scenes("test", QUESTIONS, seed=29)):
            sizes = tuple((view.width, view.height) for view in scene.views)
            host = NoisyHost(TruthHost(scene.views), errors, str(number))
            for place, question in enumerate(scene.questions):
                video = len(sizes) > 1
                inputs = ProgramInputs(sizes, question.text, question.choices, video=video)
                end = await sandbox.run(question.program, inputs, host)
                if end.answer != question.answer:
                    continue
                name = f"{number}-{place}"
                example = Example(
                    id=name,
                    images=tuple(ImageFile(path="", sha256="", width=w, height=h) for w, h in sizes),
                    question=question.text,
                    answer_type=question.answer_type,
                    choices=question.choices,
                    video=video,
                )
                execution = Execution(
                    example_id=name, index=0, status="ok", answer=end.answer, steps=end.steps,
                    steps_dropped=end.steps_dropped,
                )  # fmt: skip
                facts = find_facts(example, question.program, execution)
                kept.append(Kept(example, question.program, facts, SceneTruth(scene.views, question.answer)))
    return kept


def real_programs() -> Iterator[Kept]:
    """The selected programs of real questions; none without the data."""
    for name in ("photos", "nlvr_dev") if DATA.is_dir() else ():
        data = DATA / name
        recipe = Recipe(
            data=DataSettings(
                questions=data / "questions.jsonl",
                images=data,
                annotations=data / "annotations.jsonl",
                candidates=DATA / "llm_programs.jsonl",
            ),
            tools={"detector": ToolSettings(name="annotations")},
        )
        with tempfile.TemporaryDirectory() as folder:
            run = Run(Path(folder))
            with run.lock():
                read_inputs(recipe, run)
                verify(recipe, run, Path(folder) / "cache.sqlite")
            examples = {row.id: row for row in run.examples.rows()}
            programs = {(row.example_id, row.index): row.program for row in run.candidates.rows()}
            executions = {(row.example_id, row.index): row for row in run.executions.rows()}
            selected = [(v.example_id, v.index) for v in run.verdicts.rows() if v.selected]
        for key in selected:
            example, program = examples[key[0]], programs[key]
            yield Kept(example, program, find_facts(example, program, executions[key]))


def rewritten(
    kept: Sequence[Kept],
) -> tuple[list[tuple[Kept, str]], list[tuple[Kept, str]], int, int]:
    """What the simulated model wrote, what the check kept of it, and how many false sentences were put into each."""
    written: list[tuple[Kept, str]] = []
    passed: list[tuple[Kept, str]] = []
    false = through = 0
    for each in kept:
        rng = random.Random(each.example.id)
        text, wrong = embroidered(paraphrased(each.rationale, rng), FALSE_RATE, rng)
        written.append((each, text))
        false += wrong
        if not each.checker.check(text):
            passed.append((each, text))
            through += wrong
    return written, passed, false, through


def corruption(kept: Sequence[Kept]) -> dict[Kind, tuple[int, int]]:
    """Per kind of change, how many were caught, of how many."""
    caught: Counter[Kind] = Counter()
    tried: Counter[Kind] = Counter()
    for each in kept:
        rng = random.Random(each.example.id)
        checker, plain = each.checker, each.rationale
        with_boxes = compose(each.facts, each.example.id, each.sizes, "pixels")
        for kind in KINDS_OF_CHANGE:
            for _ in range(CHANGES):
                changed = corrupted(with_boxes if kind == "box" else plain, kind, ANSWERS, rng)
                if changed is not None:
                    tried[kind] += 1
                    caught[kind] += bool(checker.check(changed)) or not states_answer(changed, checker.answer)
    return {kind: (caught[kind], tried[kind]) for kind in KINDS_OF_CHANGE}


def refusals(kept: Sequence[Kept]) -> dict[str, tuple[int, int]]:
    refused: Counter[str] = Counter()
    for each in kept:
        checker = each.checker
        refused["template"] += bool(checker.check(each.rationale))
        refused["in other words"] += bool(
            checker.check(paraphrased(each.rationale, random.Random(each.example.id)))
        )
    return {name: (refused[name], len(kept)) for name in ("template", "in other words")}


def _judged(kept: Kept, text: str) -> Counter[bool | None]:
    assert kept.truth is not None
    return Counter(kept.truth.judge(sentence) for sentence in sentences_of(text))


def _truth_row(name: str, texts: Iterable[tuple[Kept, str]]) -> list[str]:
    judged: Counter[bool | None] = Counter()
    count = 0
    for each, text in texts:
        judged += _judged(each, text)
        count += 1
    read = judged[True] + judged[False]
    return [name, str(count), str(judged.total()), _share(read, judged.total()), _share(judged[True], read)]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} % of {whole}" if whole else "–"


if __name__ == "__main__":
    main()
