"""The evaluation folder: per benchmark its questions, and the predictions of every system that was asked."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from vpd.errors import UserError
from vpd.evaluation.benchmark import Benchmark
from vpd.evaluation.files import partial, write_whole
from vpd.evaluation.records import Item, Prediction
from vpd.store import Table

SHARD = 64
"""Questions per shard: what is committed, and done again after a crash, as one."""


class SystemCard(BaseModel):
    """What a system is, as it stands beside its predictions."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    name: str
    way: str
    """How it answers: direct, rationale, pixel or programs."""
    model: str
    """Hub id, folder or endpoint."""
    fingerprint: str = ""
    """Of all that can change its answers beside the questions; what its present predictions are known by."""


class BenchmarkFolder:
    """One benchmark of an evaluation folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.questions = Table(root / "questions", Item)

    @property
    def name(self) -> str:
        return self.root.name

    @property
    def images(self) -> Path:
        """What the questions' image paths are relative to."""
        return Path(self._source()["images"])

    @property
    def definition(self) -> Benchmark:
        return Benchmark.model_validate(
            yaml.safe_load((self.root / "benchmark.yaml").read_text(encoding="utf-8"))
        )

    def is_current(self, fingerprint: str) -> bool:
        """Whether all questions were read, from what this is the fingerprint of."""
        path = self.root / "source.json"
        return path.exists() and self._source()["fingerprint"] == fingerprint

    def claim(self, origin: str) -> None:
        """
        Raises:
            UserError: the folder has the questions of another benchmark of the same name.
        """
        if not (self.root / "source.json").exists():
            return
        stored = self._source().get("origin", origin)
        if stored != origin:
            raise UserError(
                f"{self.root} has the questions of {stored}, not of {origin}; choose another --out, or give the "
                "benchmark another name"
            )

    def read(
        self, items: Iterator[Item], benchmark: Benchmark, images: Path, fingerprint: str, origin: str
    ) -> int:
        """Store the questions; a crash before the end leaves the folder to be read again.

        Args:
            items: the questions.
            benchmark: its definition.
            images: what the questions' image paths are relative to.
            fingerprint: of all that the questions are made from.
            origin: where they come from, in words: what `claim` compares.

        Raises:
            UserError: two questions have the same id, or there are none.
        """
        (self.root / "source.json").unlink(missing_ok=True)
        self.root.mkdir(parents=True, exist_ok=True)
        definition = yaml.safe_dump(benchmark.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
        write_whole(self.root / "benchmark.yaml", definition.encode())
        seen: set[str] = set()
        shard = 0
        path = self.root / "questions.jsonl"
        with partial(path).open("w", encoding="utf-8") as file:
            while chunk := list(islice(items, SHARD)):
                for item in chunk:
                    if item.id in seen:
                        raise UserError(
                            f"{benchmark.name} holds the id {item.id!r} twice; ids must be unique"
                        )
                    seen.add(item.id)
                    file.write(json.dumps(_question_row(item), ensure_ascii=False) + "\n")
                self.questions.write(shard, chunk, fingerprint)
                shard += 1
        if not seen:
            raise UserError(f"{benchmark.name} holds no questions")
        partial(path).replace(path)
        self.questions.trim(shard)
        source = {"fingerprint": fingerprint, "images": str(images.resolve()), "origin": origin}
        write_whole(self.root / "source.json", json.dumps(source).encode())
        return len(seen)

    def predictions(self, system: str) -> Table[Prediction]:
        return Table(self._system(system), Prediction)

    def card(self, system: SystemCard) -> None:
        """Write what a system is beside its predictions.

        Raises:
            UserError: they are those of another model of the same name.
        """
        path = self._system(system.name) / "system.json"
        time = None
        if path.exists():
            stored = SystemCard.model_validate_json(path.read_bytes())
            if not _same_model(stored.model, system.model):
                raise UserError(
                    f"in {self.root}, {system.name!r} is {stored.model}; name {system.model} otherwise: NAME=MODEL"
                )
            if stored.fingerprint == system.fingerprint:
                return
            time = path.stat().st_mtime_ns
        write_whole(path, system.model_dump_json().encode())
        if time is not None:
            os.utime(path, ns=(time, time))  # it says which system was asked first

    def systems(self) -> list[SystemCard]:
        """Those that were asked, in the order they were first asked in."""
        cards = sorted(
            (self.root / "predictions").glob("*/system.json"), key=lambda p: (p.stat().st_mtime_ns, p)
        )
        return [SystemCard.model_validate_json(path.read_bytes()) for path in cards]

    def answered(self, system: str) -> dict[str, Prediction]:
        """The predictions of the system and to the questions as they are now, by question."""
        digests = {item.id: item.digest for item in self.questions.rows()}
        table = self.predictions(system)
        card = SystemCard.model_validate_json((table.folder / "system.json").read_bytes())
        shards = (
            int(path.stem.removeprefix("shard-")) for path in sorted(table.folder.glob("shard-*.parquet"))
        )
        return {
            row.question_id: row
            for shard in shards
            if (table.fingerprint(shard) or "").startswith(card.fingerprint)
            for row in table.read(shard)
            if digests.get(row.question_id) == row.asked
        }

    def _system(self, name: str) -> Path:
        plain = re.sub(r"[^\w+-]+", "-", name).strip("-")
        if plain != name:  # two names may become one
            plain += f"-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
        return self.root / "predictions" / plain

    def _source(self) -> dict[str, Any]:
        return json.loads((self.root / "source.json").read_text(encoding="utf-8"))


class EvaluationFolder:
    """Several benchmarks, and the systems compared on them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def benchmark(self, name: str) -> BenchmarkFolder:
        return BenchmarkFolder(self.root / "benchmarks" / name)

    def benchmarks(self) -> list[BenchmarkFolder]:
        """Those whose questions were read."""
        found = sorted((self.root / "benchmarks").glob("*/source.json"))
        return [BenchmarkFolder(path.parent) for path in found]


def predictions_fingerprint(system: str, questions: str) -> str:
    """Of a shard of predictions: begins with the system's, so that those of an earlier one can be told."""
    return system + questions


def _same_model(one: str, other: str) -> bool:
    """Whether both are the same, or lead to the same folder."""
    return one == other or Path(one).resolve() == Path(other).resolve()


def _question_row(item: Item) -> dict[str, Any]:
    """A line of a questions file, as `vpd verify` and `vpd sample` read it."""
    example = item.example
    row: dict[str, Any] = {
        "id": example.id,
        "images": [image.path for image in example.images],
        "question": example.question,
        "answers": list(example.answers),
        "answer_type": example.answer_type,
        "source": example.source,
    }
    if example.choices:
        row["choices"] = list(example.choices)
    return row | ({"video": True} if example.video else {})
