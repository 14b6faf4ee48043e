"""What the tabletop world can be trusted with: its speed, the balance of its answers, its law, its legible signs.

    python -m benchmarks.tabletop speed
    python -m benchmarks.tabletop balance --count 5600
    python -m benchmarks.tabletop law --split test --count 2800
    python -m benchmarks.tabletop reading
    python -m benchmarks.tabletop sheets --out docs/images

Speeds are in processor time of this one process, so that they are of one core whatever else runs.
"""

import argparse
import asyncio
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import log
from pathlib import Path

import numpy as np
from PIL import Image

from vpd.tabletop.annotation import annotate
from vpd.tabletop.contact_sheet import contact_sheet
from vpd.tabletop.generation import Asked, asked_scenes
from vpd.tabletop.questions.asking import Question
from vpd.tabletop.questions.catalogue import FAMILIES
from vpd.tabletop.rendering.picture import render
from vpd.tabletop.splits import SPLITS, Split
from vpd.tabletop.worlds import draw_views


def _rate(work: Callable[[], None], count: int) -> float:
    start = time.process_time()
    work()
    return count / (time.process_time() - start)


def speed(scenes: int = 300) -> None:
    """Scenes drawn, annotated and rendered a second, on one core, shadow maps and textures warm."""
    rng = np.random.default_rng(0)
    print("| world | pixels | things | laid out /s | annotated /s | rendered /s |\n|---|---|---|---|---|---|")
    for world, count in (
        ("solids", scenes),
        ("signs", scenes),
        ("wide", scenes // 20),
        ("clip", scenes // 20),
    ):
        drawn = [view.scene for _ in range(count) for view in draw_views(world, "train", rng)]
        start = time.process_time()
        for _ in range(max(count // 4, 1)):
            draw_views(world, "train", rng)
        laid_out = max(count // 4, 1) / (time.process_time() - start)
        for scene in drawn[: len(drawn) // 2]:
            render(scene)
        things = sum(len(scene.things) for scene in drawn) / len(drawn)
        annotated = _rate(lambda drawn=drawn: [annotate(scene) for scene in drawn] and None, len(drawn))
        rendered = max(
            _rate(lambda drawn=drawn: [render(s) for s in drawn] and None, len(drawn)) for _ in range(3)
        )
        print(
            f"| {world} | {drawn[0].width}² | {things:.1f} | {laid_out:.0f} | {annotated:.0f} | {rendered:.0f} |"
        )


def balance(count: int, seed: int = 1) -> None:
    """Per family, what can be scored without looking: the best constant, and a reader of the question alone."""
    train, test = (_questions("train", count, seed + k) for k in (0, 1))
    print(
        "| family | questions | answers | majority by construction | best constant | from the question alone |"
    )
    print("|---|---|---|---|---|---|")
    for name, family in FAMILIES.items():
        known, new = train[name], test[name]
        constant, _ = Counter(map(_key, known)).most_common(1)[0]
        best = sum(_key(question) == constant for question in new) / len(new)
        blind = _blind_accuracy(known, new)
        documented = f"{family.majority:.3f}" if family.majority else "open"
        print(
            f"| {name} | {len(new)} | {len(set(map(_key, new)))} | {documented} | {best:.3f} | {blind:.3f} |"
        )


def _questions(split: Split, count: int, seed: int) -> dict[str, list[Question]]:
    found: dict[str, list[Question]] = defaultdict(list)
    for scene in asked_scenes(split, count, seed):
        for question in scene.questions:
            found[question.query.family].append(question)
    return found


def _key(question: Question) -> str:
    return question.solution.key or question.answer


def _blind_accuracy(known: Sequence[Question], new: Sequence[Question]) -> float:
    """Naive Bayes over the question's words and neighbouring pairs of words, fitted on other questions."""
    words: dict[str, Counter[str]] = defaultdict(Counter)
    priors = Counter(map(_key, known))
    for question in known:
        words[_key(question)].update(_features(question.text))
    vocabulary = len(set().union(*words.values()))
    totals = {answer: counts.total() + 0.5 * vocabulary for answer, counts in words.items()}

    def guess(text: str) -> str:
        features = _features(text)

        def score(answer: str) -> float:
            return log(priors[answer]) + sum(log((words[answer][f] + 0.5) / totals[answer]) for f in features)

        return max(sorted(priors), key=score)

    return sum(guess(question.text) == _key(question) for question in new) / len(new)


def _features(text: str) -> list[str]:
    tokens = re.findall(r"[a-z]+", text.lower())
    return tokens + [f"{a} {b}" for a, b in pairwise(tokens)]


async def law(split: Split, count: int, seed: int = 1) -> None:
    """Run every gold program in the sandbox, its tools answered from annotations."""
    from vpd.execution.entry import ProgramInputs
    from vpd.execution.limits import Limits
    from vpd.execution.sandbox import Sandbox
    from vpd.tabletop.host import TruthHost

    right = total = 0
    async with Sandbox(Limits(seconds=60, total_seconds=600), workers=1) as sandbox:
        for scene in asked_scenes(split, count, seed):
            frames = tuple((view.width, view.height) for view in scene.views)
            for question in scene.questions:
                inputs = ProgramInputs(frames, question.text, question.choices, video=len(frames) > 1)
                outcome = await sandbox.run(question.program, inputs, TruthHost(scene.views))
                total += 1
                right += outcome.answer == question.answer
                if outcome.answer != question.answer:
                    print(question.text, question.answer, outcome.status, outcome.answer, outcome.error)
                    print(question.program)
    print(f"{right} of {total} gold programs gave the gold answer ({split})")


def reading(signs: int = 60) -> None:
    """How often rapidocr reads a sign exactly: whole small images, and crops of signs in large ones."""
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "error"})

    def texts(pixels: np.ndarray) -> list[str]:
        return sorted(engine(np.ascontiguousarray(pixels[:, :, ::-1])).txts or ())

    right = total = 0
    for scene in asked_scenes("train", signs, 21, ["read_sign"]):
        [view] = scene.views
        total += 1
        right += texts(np.asarray(render(view.scene))) == sorted(sign.text for sign in view.signs)
    print(f"{right} of {total} images of {view.width} pixels read exactly")
    right = total = 0
    for scene in asked_scenes("train", signs // 3, 21, ["zoom_sign"]):
        [view] = scene.views
        pixels = np.asarray(render(view.scene))
        for sign in view.signs:
            x1, y1, x2, y2 = sign.box
            margin = (y2 - y1) // 5
            crop = pixels[max(y1 - margin, 0) : y2 + margin, max(x1 - margin, 0) : x2 + margin]
            total += 1
            right += texts(crop) == [sign.text]
    print(f"{right} of {total} crops of signs in images of {view.width} pixels read exactly")


def sheets(out: Path) -> None:
    """The pictures of the documentation: scenes of each world with their questions."""
    for world, count, columns, tile in (
        ("solids", 10, 5, 176), ("signs", 5, 5, 176), ("wide", 2, 2, 384), ("clip", 3, 3, 300)
    ):  # fmt: skip
        families = [name for name, family in FAMILIES.items() if family.world == world]
        shown = list(_one_family_each(asked_scenes("train", 6 * len(families), 4, families)))[:count]
        sheet = contact_sheet(shown, columns, tile)
        palette = sheet.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=3)
        sheet.quantize(palette=palette).save(out / f"tabletop-{world}.png", optimize=True)


def _one_family_each(scenes: Iterable[Asked]) -> Iterator[Asked]:
    """Scenes with a question of a family not shown before, that question first."""
    shown: Counter[str] = Counter()
    for scene in scenes:
        questions = sorted(scene.questions, key=lambda q: shown[q.query.family])
        if shown[questions[0].query.family] == 0:
            shown[questions[0].query.family] += 1
            yield replace(scene, questions=tuple(questions))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("speed", "balance", "law", "reading", "sheets"))
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--count", type=int, default=2800)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    arguments = parser.parse_args()
    match arguments.what:
        case "speed":
            speed()
        case "balance":
            balance(arguments.count, arguments.seed)
        case "law":
            asyncio.run(law(arguments.split, arguments.count, arguments.seed))
        case "reading":
            reading()
        case _:
            sheets(arguments.out)


if __name__ == "__main__":
    main()
