"""Candidate programs for drawn questions: gold ones, and ones with a mistake made on purpose."""

import json
from pathlib import Path

import numpy as np

from vpd.tabletop.mistakes import mistaken

PROGRAMS = 5


def write_programs(data: Path) -> dict[str, list[str]]:
    """Candidates for each question: its gold program, and variations of it as a language model would err.

    Returns:
        By question, the mistake in each of its candidates; `none` for the gold program.
    """
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
