"""A shard's questions with their programs and what these did, as columns: few of them need be read as records."""

import hashlib
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from vpd.arrow import from_table
from vpd.digests import RowDigests
from vpd.records import Candidate, Example, Execution, Record
from vpd.verification.elsewhere import Looked
from vpd.verification.gathering import Asked, asked

R = TypeVar("R", bound=Record)

_RAN = ("example_id", "index", "program")
"""What evidence depends on of a candidate."""


class Shard:
    """Questions by number, in their order."""

    def __init__(
        self, examples: pa.Table, candidates: Sequence[pa.Table], executions: Sequence[pa.Table]
    ) -> None:
        """
        Args:
            examples: one row a question.
            candidates: by round.
            executions: likewise, in the same order; with the columns that evidence needs.
        """
        self._ids: list[str] = examples["id"].to_pylist()
        self._examples = examples.combine_chunks()
        self._candidates, self._first = _by_question(pa.concat_tables(candidates), self._ids)
        self._executions, first = _by_question(pa.concat_tables(executions), self._ids)
        if first != self._first:
            raise ValueError("not as many executions as candidates")

    def __len__(self) -> int:
        return len(self._ids)

    def digests(self) -> list[str]:
        """Of each question, its programs, and what these did."""
        example, program, ran = (
            RowDigests(table) for table in (self._examples, self._candidates.select(_RAN), self._executions)
        )
        found: list[str] = []
        for number in range(len(self)):
            rows = self._first[number], self._first[number + 1]
            parts = example(number, number + 1), program(*rows), ran(*rows)
            found.append(hashlib.sha256(b"".join(parts)).hexdigest())
        return found

    def looked(self) -> list[Looked]:
        """How the programs of each question look at whole images."""
        questions, videos = (self._examples[name].to_pylist() for name in ("question", "video"))
        images = [tuple(image["sha256"] for image in some) for some in self._examples["images"].to_pylist()]
        programs: list[str] = self._candidates["program"].to_pylist()
        calls = _whole_image_calls(self._executions["steps"].combine_chunks())
        spans = (slice(*span) for span in pairwise(self._first))
        return [
            Looked(question, video, digests, programs[span], calls[span])
            for question, video, digests, span in zip(questions, videos, images, spans, strict=True)
        ]

    def asked(self, numbers: Collection[int]) -> dict[int, Asked]:
        """Some questions as records."""
        wanted = sorted(numbers)
        spans = [(self._first[number], self._first[number + 1]) for number in wanted]
        examples = _rows(Example, self._examples, [(number, number + 1) for number in wanted])
        candidates = _rows(Candidate, self._candidates, spans)
        calls, places = _calls_alone(self._executions)
        executions = _rows(Execution, calls, spans)
        return {
            number: asked(example, programs, ran, places[slice(*span)])
            for number, span, [example], programs, ran in zip(
                wanted, spans, examples, candidates, executions, strict=True
            )
        }


def _by_question(table: pa.Table, ids: Sequence[str]) -> tuple[pa.Table, list[int]]:
    """The rows by question, otherwise in their order; and where those of each begin, and the last end."""
    number_of = {each: number for number, each in enumerate(ids)}
    numbers = np.array([number_of.get(each, -1) for each in table["example_id"].to_pylist()], dtype=np.int64)
    if np.any(numbers < 0) or np.any(np.diff(numbers) < 0):
        order = np.argsort(numbers, kind="stable")
        order = order[numbers[order] >= 0]
        table, numbers = table.take(pa.array(order)), numbers[order]
    return table.combine_chunks(), np.searchsorted(numbers, np.arange(len(ids) + 1)).tolist()


def _rows(record: type[R], table: pa.Table, spans: Sequence[tuple[int, int]]) -> list[list[R]]:
    wanted = np.zeros(table.num_rows, dtype=bool)
    for start, stop in spans:
        wanted[start:stop] = True
    rows = iter(from_table(record, table if wanted.all() else table.filter(pa.array(wanted))))
    return [[next(rows) for _ in range(start, stop)] for start, stop in spans]


def _calls_alone(executions: pa.Table) -> tuple[pa.Table, list[list[int]]]:
    """Executions with the calls of their traces alone, two thirds less; and where in its trace each stands."""
    column = executions.schema.get_field_index("steps")
    steps: pa.ListArray = executions.column(column).combine_chunks()
    each = steps.flatten()
    calls = pc.call_function("equal", [each.field("kind"), pa.scalar("call")]).to_numpy(zero_copy_only=False)
    of = steps.value_parent_indices().to_numpy()
    stops = np.append(0, np.cumsum(np.bincount(of[calls], minlength=len(steps))))
    places = (np.arange(len(of)) - np.searchsorted(of, of))[calls].tolist()
    alone = pa.ListArray.from_arrays(
        pa.array(stops, pa.int32()), each.filter(pa.array(calls)), type=steps.type
    )
    field = executions.schema.field(column)
    return executions.set_column(column, field, alone), [places[a:b] for a, b in pairwise(stops.tolist())]


def _whole_image_calls(steps: pa.ListArray) -> list[list[str]]:
    """By execution. A region that starts at the corner is the whole image, or hardly any other."""
    found: list[list[str]] = [[] for _ in range(len(steps))]
    each = steps.flatten()
    region = each.field("region")
    called: pa.Array = pc.call_function("equal", [each.field("kind"), pa.scalar("call")])
    parts = (called, each.field("image").is_valid(), region.is_valid())
    numbers = np.flatnonzero(np.all([part.to_numpy(zero_copy_only=False) for part in parts], axis=0))
    corners = region.take(pa.array(numbers)).flatten().to_numpy().reshape(-1, 4)[:, :2]
    numbers = pa.array(numbers[(corners == 0).all(axis=1)])
    about = (each.field(name).take(numbers).to_pylist() for name in ("tool", "image", "arguments"))
    of = steps.value_parent_indices().take(numbers).to_pylist()
    for execution, *call in zip(of, *about, strict=True):
        found[execution].append(" ".join(map(str, call)))
    return found
