"""Held-out scores of the specialists that see, each loaded by the adapter that a recipe names."""

import hashlib
import io
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import Image

from vision_tools import registry
from vision_tools.boxes import overlap
from vision_tools.regions import Box, Picture, Region
from vision_tools.roles import DepthEstimator, Detection, Detector, ImageTextScorer, NameQuery, TextsQuery
from vpd.tabletop.kinds import Kind
from vpd.tabletop.questions.common import depth_order
from vpd.tabletop.scene import Solid
from vpd.tabletop.splits import Split, pair_split
from vpd.tabletop.training.pictures import Shot, draw_shots, holds
from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES

_VALUES = {"color": COLORS, "material": MATERIALS, "shape": SHAPES, "size": SIZES}


def region_of(image: Image.Image, box: tuple[int, int, int, int] | None = None) -> Region:
    """A part of an image, or all of it, as tools are asked about it."""
    with io.BytesIO() as file:
        image.save(file, "PNG")
        name = hashlib.sha256(file.getvalue()).hexdigest()
    return Region(Picture(name, lambda: image), box or (0, 0, *image.size))


def detection_scores(folder: Path, split: Split, count: int, seed: int) -> dict[str, float]:
    """Average precision at IoU 0.5: the mean over the nine nouns; and over all phrases of a kind together."""
    settings = {"model": str(folder), "confidence": 0.02, "iou": 0.5}
    detector = cast("Detector", registry.create("detector", "owl", settings))
    found: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    there: dict[str, int] = defaultdict(int)
    for shot in draw_shots(split, count, np.random.default_rng(seed)):
        region = region_of(shot.image)
        asked = [(group, phrase) for group, phrases in _phrases(shot).items() for phrase in phrases]
        answers = detector.detect([NameQuery(region, phrase) for _, phrase in asked])
        for (group, phrase), detections in zip(asked, answers, strict=True):
            true = [Box(*seen.box) for seen in shot.view.seen if holds(phrase, seen)]
            there[group] += len(true)
            found[group] += _matched(detections, true)
    precisions = {group: average_precision(found[group], there[group]) for group in there if there[group]}
    nouns = [value for group, value in precisions.items() if group in (*SHAPES, "sign")]
    rest = {f"AP50 of {group}": value for group, value in precisions.items() if " " in group}
    return {"mAP50": float(np.mean(nouns)), **rest}


def _phrases(shot: Shot) -> dict[str, list[str]]:
    """What is asked of an image: each noun by itself, whether it is there or not, and each thing described."""
    solids = [seen.thing for seen in shot.view.seen if isinstance(seen.thing, Solid)]
    asked: dict[str, list[str]] = {noun: [noun] for noun in (*SHAPES, "sign")}
    asked["all objects"] = ["object"]
    for thing in solids:
        pair = Kind(thing.shape, thing.color)
        known = (
            "pairs seen in training"
            if pair_split(thing.color, thing.shape) == "train"
            else "pairs never seen"
        )
        asked.setdefault(known, []).append(pair.phrase)
        whole = Kind(thing.shape, thing.color, thing.material, thing.size)
        asked.setdefault("full descriptions", []).append(whole.phrase)
    return {group: list(dict.fromkeys(phrases)) for group, phrases in asked.items()}


def _matched(detections: Any, true: list[Box]) -> list[tuple[float, bool]]:
    """Each detection with its score, and whether it is the first on a true box that it overlaps by half."""
    free = list(true)
    results: list[tuple[float, bool]] = []
    for detection in sorted(cast("list[Detection]", detections), key=lambda d: -d.score):
        best = max(free, key=lambda box: overlap(detection.box, box), default=None)
        hit = best is not None and overlap(detection.box, best) >= 0.5
        if hit and best is not None:
            free.remove(best)
        results.append((detection.score, hit))
    return results


def average_precision(found: list[tuple[float, bool]], there: int) -> float:
    """The area under precision over recall, precision made monotone (Everingham et al. 2015, section 4.2).

    Args:
        found: score and whether it is right, of every detection.
        there: how many there are to find.
    """
    hits = np.array([hit for _, hit in sorted(found, key=lambda one: -one[0])], dtype=float)
    if not len(hits):
        return 0.0
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((best * hits).sum() / there)


def attribute_scores(folder: Path, split: Split, count: int, seed: int) -> dict[str, float]:
    """How often the right value of a property scores highest, asked as programs do: `best_text_match` of bare values,
    and a description against the other colours or materials of the same noun."""
    scorer = cast("ImageTextScorer", registry.create("scorer", "open_clip", {"model": str(folder)}))
    right: dict[str, list[bool]] = defaultdict(list)
    for shot in draw_shots(split, count, np.random.default_rng(seed)):
        queries: list[TextsQuery] = []
        truths: list[tuple[str, int]] = []
        for seen in shot.view.solids:
            thing = cast("Solid", seen.thing)
            region = region_of(shot.image, seen.box)
            for name, values in _VALUES.items():
                truth = values.index(getattr(thing, name))
                queries.append(TextsQuery(region, tuple(values)))
                truths.append((name, truth))
                if name != "shape":
                    queries.append(TextsQuery(region, tuple(f"a {value} {thing.shape}" for value in values)))
                    truths.append((f"{name} of a noun", truth))
        for (name, truth), scores in zip(truths, scorer.score(queries), strict=True):
            right[name].append(int(np.argmax(scores)) == truth)
    return {f"{name} accuracy": float(np.mean(hits)) for name, hits in right.items()}


def depth_scores(folder: Path, split: Split, count: int, seed: int) -> dict[str, float]:
    """How often the nearer of two solids is told, among pairs that questions compare; and the median relative error
    of a solid's depth."""
    estimator = cast("DepthEstimator", registry.create("depth", "transformers", {"model": str(folder)}))
    right: list[bool] = []
    errors: list[float] = []
    for shot in draw_shots(split, count, np.random.default_rng(seed)):
        solids = shot.view.solids
        whole = region_of(shot.image)
        depths = estimator.depth([Region(whole.picture, seen.box) for seen in solids])
        exact = [shot.view.median_depth(seen.box) for seen in solids]
        errors += [abs(a - b) / b for a, b in zip(depths, exact, strict=True)]
        for a, b in combinations(range(len(solids)), 2):
            order = depth_order(solids[a], solids[b], shot.view)
            if order is not None:
                right.append((depths[a] < depths[b]) == (order == -1))
    return {"depth order accuracy": float(np.mean(right)), "median relative error": float(np.median(errors))}
