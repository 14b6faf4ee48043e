"""How good the bundled specialists are on scenes held out, each loaded by the adapter that a recipe names.

    python -m benchmarks.tabletop_models
    python -m benchmarks.tabletop_models detector depth --split val --count 100

Scores of the test split: pairs of colour and shape, phrasings and words that training never showed.
"""

import argparse
import time
from pathlib import Path

from vpd.resources import resource
from vpd.tabletop.splits import SPLITS
from vpd.tabletop.training.catalogue import SPECIALISTS


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", choices=[*SPECIALISTS, []], help="all that are there by default")
    parser.add_argument("--models", type=Path, default=resource("data", "tabletop"))
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print(f"| specialist | score on {arguments.count} of {arguments.split} | |\n|---|---|---|")
    for name in arguments.what or SPECIALISTS:
        folder = arguments.models / name
        if not (folder / "README.md").is_file():
            print(f"| {name} | not trained: no {folder} | |")
            continue
        started = time.perf_counter()
        scores = SPECIALISTS[name](arguments.models).score(
            folder, arguments.split, arguments.count, arguments.seed
        )
        for what, value in scores.items():
            print(f"| {name} | {what} | {value:.3f} |")
        print(f"| {name} | seconds | {time.perf_counter() - started:.0f} |")


if __name__ == "__main__":
    main()
