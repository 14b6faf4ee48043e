"""`vpd human-page` and `vpd agreement`."""

from collections.abc import Sequence
from pathlib import Path

from vpd.commands.terminal import print_table
from vpd.errors import UserError
from vpd.evaluation import human
from vpd.evaluation.benchmark import Benchmark
from vpd.evaluation.files import write_whole
from vpd.evaluation.folder import BenchmarkFolder, EvaluationFolder
from vpd.evaluation.human import Pair
from vpd.evaluation.intervals import Interval
from vpd.evaluation.prompts import shown_options
from vpd.reporting.human_page import Shown, write_human_page
from vpd.reporting.summary import Table


def run_human_page(
    root: Path, systems: tuple[str, str], benchmark: str | None, count: int, seed: int, out: Path | None
) -> None:
    if systems[0] == systems[1]:
        raise UserError(f"{systems[0]!r} cannot be compared with itself; name two systems")
    folder = _benchmark(root, benchmark)
    known = [card.name for card in folder.systems()]
    for name in systems:
        if name not in known:
            raise UserError(f"{folder.name} has no system {name!r}; it has {', '.join(known) or 'none'}")
    items = {item.id: item for item in folder.questions.rows()}
    pairs = human.draw(items, folder.answered(systems[0]), folder.answered(systems[1]), count, seed)
    key = human.key(folder.name, systems, pairs)
    out = out or root / "human"
    definition = folder.definition
    page = write_human_page(
        out / "page", key.page, [_shown(pair, definition) for pair in pairs], folder.images
    )
    key_file = out / f"key-{key.page}.json"  # of its own: an earlier page may be with those who judge
    write_whole(key_file, key.model_dump_json(indent=1).encode())
    print(
        f"{page}: give the folder {out / 'page'} to those who judge\n{key_file}: who stands where; keep it, "
        f"and `vpd agreement {key_file} RESULTS.jsonl ...` reads what they send back"
    )


def run_agreement(key_file: Path, files: Sequence[Path]) -> None:
    key = human.read_key(key_file)
    judgments = human.read_judgments(files, key)
    raters = len({judgment.rater for judgment in judgments})
    first, second = key.systems
    print_table(
        Table(
            title=f"{key.benchmark}: {len({j.item for j in judgments})} questions judged by {raters}",
            columns=("axis", first, second, "difference", "95 %", f"only {first}", f"only {second}", "tie"),
            rows=[
                (
                    each.axis,
                    _share(each.shares[0]),
                    _share(each.shares[1]),
                    f"{100 * each.difference.estimate:+.1f}",
                    f"{100 * each.difference.low:+.1f} to {100 * each.difference.high:+.1f}",
                    *each.wins,
                    each.ties,
                )
                for each in human.results(key, judgments)
            ],
            note="Shares with 95 % bootstrap intervals over questions; differences are paired. only: judgments that "
            "found the property in one of the two answers alone.",
        )
    )
    print_table(
        Table(
            title="Agreement between people",
            columns=("axis", "answers", "same", "Cohen's kappa", "Fleiss' kappa", "Krippendorff's alpha"),
            rows=[
                (
                    each.axis,
                    each.things,
                    None if each.same is None else f"{100 * each.same:.1f} %",
                    *(_two(value) for value in (each.cohen, each.fleiss, each.alpha)),
                )
                for each in human.agreement(key, judgments)
            ],
            note="answers: judged by more than one person. Cohen's kappa for two people, Fleiss' where each answer "
            "has as many judgments; – where there is nothing to tell.",
        )
    )


def _benchmark(root: Path, name: str | None) -> BenchmarkFolder:
    found = {folder.name: folder for folder in EvaluationFolder(root).benchmarks()}
    if not found:
        raise UserError(f"{root} holds no evaluation; `vpd evaluate` makes one")
    if name is None and len(found) == 1:
        return next(iter(found.values()))
    if name not in found:
        raise UserError(f"choose the benchmark with --benchmark: {', '.join(found)}")
    return found[name]


def _shown(pair: Pair, benchmark: Benchmark) -> Shown:
    example = pair.item.example
    return Shown(example.question, shown_options(pair.item, benchmark), example.images, *human.sides(pair))


def _share(interval: Interval) -> str:
    return f"{100 * interval.estimate:.1f} % ({100 * interval.low:.1f}–{100 * interval.high:.1f})"


def _two(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"
