"""Whether trajectories look at the right place: cues against gold reasoning, crops against cues, and the mixture.

python -m benchmarks trajectories
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import mean, median
from typing import NamedTuple

from benchmarks.results import Report
from benchmarks.tabletop_programs.gold import GoldRun, gold_runs
from vpd.distillation.facts.facts import find_facts
from vpd.distillation.settings import TrajectorySettings
from vpd.distillation.trajectories.trajectories import Kind, Trajectories, Trajectory, containment, overlap
from vpd.pixel_operations import area
from vpd.records import Box, View

QUESTIONS = 1400
SHARD = 64


class Made(NamedTuple):
    """A trajectory, and what it was made of."""

    run: GoldRun
    trajectory: Trajectory

    @property
    def crops(self) -> tuple[View, ...]:
        """What was looked at closer, in order; wrong crops come first, the last one shows the cue."""
        return self.trajectory.images[len(self.run.example.images) :]

    @property
    def wrong(self) -> int:
        return {"wrong_once": 1, "wrong_twice": 2}.get(self.trajectory.kind, 0)


def main() -> None:
    settings = TrajectorySettings()
    runs = asyncio.run(_runs())
    made: list[Made] = []
    for shard in range(0, len(runs), SHARD):
        maker = Trajectories(settings, shard // SHARD)
        for run in runs[shard : shard + SHARD]:
            facts = find_facts(run.example, run.candidate.program, run.execution)
            if trajectory := maker.make(run.example, facts):
                made.append(Made(run, trajectory))
    images = [each for each in made if not each.run.example.video]
    videos = [each for each in made if each.run.example.video]
    report = Report("trajectories")
    report.table(*_mixture(images, videos, settings))
    report.table(*_places(images))
    report.table(*_frames(videos))
    report.table(*_families(runs, made))
    report.write(_WHAT.format(questions=len(runs), rows=len(made)))


_WHAT = """\
Trajectories of {questions} gold programs in the drawn world, run on what is true of its scenes; {rows} of them
have a part of their image, or some frames, to look closer at. The first table holds the kinds against the
configured mixture. The second measures boxes, in pixels: the *cue* is the region of the facts that decide, *gold*
the region that the world's own reasoning ends at; containment is the share of the first that lies in the second,
IoU their intersection over union. A crop is larger than its cue on purpose (a margin, and at least so many pixels),
so its IoU says how much so. The third does the same for the frames of videos."""


async def _runs() -> list[GoldRun]:
    return [run async for run in gold_runs("train", QUESTIONS, seed=23) if run.execution.status == "ok"]


def _mixture(
    images: Sequence[Made], videos: Sequence[Made], settings: TrajectorySettings
) -> tuple[Sequence[str], list[tuple[object, ...]]]:
    rows: list[tuple[object, ...]] = []
    for what, some, mix in (("image", images, settings.image), ("video", videos, settings.video)):
        found = Counter(each.trajectory.kind for each in some)
        parts = mix.model_dump()
        wanted = {"text_only": settings.text_only} | {
            kind: (1 - settings.text_only) * part / sum(parts.values()) for kind, part in parts.items()
        }
        for kind, share in wanted.items():
            count = found[_kind(kind)]
            rows.append(
                (f"{what}: {kind.replace('_', ' ')}", count, _percent(count / len(some)), _percent(share))
            )
    return ("kind", "rows", "share", "configured"), rows


def _kind(name: str) -> Kind:
    return name  # type: ignore[return-value]


def _places(images: Sequence[Made]) -> tuple[Sequence[str], list[tuple[object, ...]]]:
    looked = [each for each in images if each.crops]
    wrong = [(each, crop) for each in looked for crop in each.crops[: each.wrong]]
    cues = [(each, each.trajectory.cue) for each in looked]
    gold = [(each, cue, box) for each, cue in cues if cue and (box := gold_box(each.run)) is not None]
    rows: list[tuple[object, ...]] = [
        _measured("cue in the last crop", [(cue, each.crops[-1]) for each, cue in cues if cue]),
        _measured("gold in the last crop", [(box, each.crops[-1]) for each, _, box in gold]),
        _measured("gold in the cue", [(box, _view(each, cue)) for each, cue, box in gold]),
        _measured(
            "cue in the larger crop of `closer`",
            [(cue, each.crops[0]) for each, cue in cues if cue and each.trajectory.kind == "closer"],
        ),
        _measured(
            "cue in a wrong crop",
            [(each.trajectory.cue, crop) for each, crop in wrong if each.trajectory.cue],
        ),
    ]
    return ("", "pairs", "mean containment", "wholly contained", "disjoint", "median IoU"), rows


def _measured(name: str, pairs: Sequence[tuple[Box, View]]) -> tuple[object, ...]:
    inside = [containment(box, view) for box, view in pairs]
    shared = [overlap(box, view) for box, view in pairs]
    return (
        name,
        len(pairs),
        f"{mean(inside):.3f}",
        _percent(sum(share > 1 - 1e-9 for share in inside) / len(inside)),
        _percent(sum(share == 0 for share in inside) / len(inside)),
        f"{median(shared):.2f}",
    )


def gold_box(run: GoldRun) -> Box | None:
    """Around everything that the last step of gold reasoning with a place points at; None where none has one."""
    steps = [step for step in run.question.solution.steps if step.boxes and step.frame is None]
    if not steps:
        return None
    boxes = steps[-1].boxes
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _view(made: Made, box: Box) -> View:
    return View(image=made.run.example.images[0], box=box)


def _frames(videos: Sequence[Made]) -> tuple[Sequence[str], list[tuple[object, ...]]]:
    """Of the frames that gold reasoning points at, how many the last selection shows, and how many a wrong one."""
    right: list[float] = []
    missed: list[float] = []
    sizes: list[int] = []
    for each in videos:
        gold = {step.frame for step in each.run.question.solution.steps if step.frame is not None}
        groups = [[view.image.path for view in group] for group in selections(each)]
        if not gold or not groups:
            continue
        paths = {each.run.example.images[frame].path for frame in gold}
        right.append(len(paths & set(groups[-1])) / len(paths))
        sizes.append(len(groups[-1]))
        if len(groups) > 1:
            missed.append(len(paths & set(groups[0])) / len(paths))
    rows: list[tuple[object, ...]] = [
        ("gold frames in the last selection", len(right), f"{mean(right):.3f}", f"{mean(sizes):.1f}"),
        ("gold frames in a wrong selection", len(missed), f"{mean(missed):.3f}" if missed else "–", "–"),
    ]
    return ("", "selections", "mean share", "frames selected"), rows


def selections(made: Made) -> list[tuple[View, ...]]:
    """The views that each selection of frames gave back."""
    sizes = [
        sum(part["type"] == "image" for part in message["content"])
        for message in made.trajectory.messages[2:]
        if message["role"] == "user"
    ]
    shown = len(made.trajectory.images) - sum(sizes)
    groups: list[tuple[View, ...]] = []
    for size in sizes:
        groups.append(made.trajectory.images[shown : shown + size])
        shown += size
    return groups


def _families(
    runs: Sequence[GoldRun], made: Sequence[Made]
) -> tuple[Sequence[str], list[tuple[object, ...]]]:
    asked = Counter(run.example.source for run in runs)
    found: defaultdict[str, list[Made]] = defaultdict(list)
    for each in made:
        found[each.run.example.source].append(each)
    rows: list[tuple[object, ...]] = []
    for family, count in asked.items():
        shares = [
            _share(each.crops[-1]) for each in found[family] if each.crops and not each.run.example.video
        ]
        rows.append((family, count, len(found[family]), _percent(median(shares)) if shares else "–"))
    return ("family", "questions", "trajectories", "median share of the image that the last crop shows"), rows


def _share(view: View) -> float:
    left, top, right, bottom = area(view)
    return (right - left) * (bottom - top) / (view.image.width * view.image.height)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
