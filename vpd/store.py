"""The run directory: tables in shards that exist whole or not at all, and know what they were made from."""

import hashlib
import os
import uuid
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from vpd import arrow
from vpd.errors import UserError
from vpd.records import Candidate, Evidence, Example, Execution, Rationale, Record, TrainingRow, Verdict

R = TypeVar("R", bound=Record)
E = TypeVar("E", Candidate, Execution, Evidence, Verdict, Rationale, TrainingRow)

_FINGERPRINT, _DIGEST = b"vpd.fingerprint", b"vpd.digest"


class Table(Generic[R]):
    """One stage's rows, in Parquet shards.

    Shard `i` holds what was made of the `i`-th fixed slice of the questions, so that the shards of different
    tables correspond. Each carries the fingerprint of everything it was made from.
    """

    def __init__(self, folder: Path, record: type[R]) -> None:
        self.folder = folder
        self.record = record

    def path(self, shard: int) -> Path:
        return self.folder / f"shard-{shard:06d}.parquet"

    def __len__(self) -> int:
        """The number of shards, counted up to the first that is missing."""
        count = 0
        while self.path(count).exists():
            count += 1
        return count

    def write(self, shard: int, rows: Iterable[R], fingerprint: str) -> None:
        """Commit a shard: after a crash at any instant it is there as it was before, or as it is now."""
        self.folder.mkdir(parents=True, exist_ok=True)
        table = arrow.to_table(self.record, rows)
        table = table.replace_schema_metadata(
            {_FINGERPRINT: fingerprint.encode(), _DIGEST: arrow.digest(table).encode()}
        )
        temporary = self.folder / f".{self.path(shard).name}.{os.getpid()}"
        pq.write_table(table, temporary, compression="zstd")
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(self.path(shard))
        _sync_folder(self.folder)

    def read(self, shard: int, columns: Sequence[str] | None = None) -> list[R]:
        """The rows of a shard; of the fields that have a default, those in `columns` alone if it is given.

        A field of the records in a field is named as in `steps.kind`.
        """
        return arrow.from_table(self.record, self.columns(shard, columns))

    def columns(self, shard: int, columns: Sequence[str] | None = None) -> pa.Table:
        """What `read` makes records of."""
        names = None if columns is None else [name.replace(".", ".list.element.") for name in columns]
        with pq.ParquetFile(self.path(shard)) as file:
            return file.read(columns=names)

    def rows(self) -> Iterator[R]:
        """Every row, a shard in memory at a time."""
        for shard in range(len(self)):
            yield from self.read(shard)

    def count(self, shard: int) -> int:
        """How many rows a shard holds."""
        return pq.read_metadata(self.path(shard)).num_rows

    def fingerprint(self, shard: int) -> str | None:
        """What the shard was made from; None when it does not exist or cannot be read."""
        try:
            return self._note(shard, _FINGERPRINT)
        except (OSError, ValueError):
            return None

    def digest(self, shard: int) -> str:
        """The SHA-256 of the shard's rows: what the next stage is made from.

        Of the rows alone: a shard that was redone and came out the same makes nothing after it stale.

        Raises:
            OSError: the shard does not exist.
        """
        return self._note(shard, _DIGEST) or ""

    def _note(self, shard: int, key: bytes) -> str | None:
        value = (pq.read_schema(self.path(shard)).metadata or {}).get(key)
        return value.decode() if value else None

    def trim(self, shards: int) -> None:
        """Remove what a crash left half written, and the shards of an input that is now shorter."""
        for leftover in self.folder.glob(".shard-*"):
            leftover.unlink()
        for extra in self.folder.glob("shard-*.parquet"):
            if int(extra.stem.removeprefix("shard-")) >= shards:
                extra.unlink()


class Programs:
    """The tables on candidate programs: what was drawn, what happened, and how it was judged."""

    def __init__(self, folder: Path) -> None:
        self.candidates = Table(folder / "candidates", Candidate)
        self.executions = Table(folder / "executions", Execution)
        self.evidence = Table(folder / "evidence", Evidence)
        self.verdicts = Table(folder / "verdicts", Verdict)


class Run(Programs):
    """A run directory: the frozen recipe, the log, and one table per stage."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.root = root
        self.examples = Table(root / "examples", Example)
        self.rationales = Table(root / "rationales", Rationale)
        self.rows = Table(root / "rows", TrainingRow)

    @property
    def tables(self) -> dict[str, Table[Record]]:
        return {name: value for name, value in vars(self).items() if isinstance(value, Table)}

    def round(self, number: int) -> Programs:
        """The tables of one round of sampling, from 1; those of the run itself hold all rounds together."""
        return Programs(self.root / "rounds" / str(number))

    @property
    def id(self) -> str:
        """What the run is known by outside its directory, wherever that is moved."""
        path = self.root / ".id"
        if not path.exists():
            path.write_text(uuid.uuid4().hex, encoding="ascii")
        return path.read_text(encoding="ascii")

    @property
    def recipe(self) -> Path:
        return self.root / "recipe.yaml"

    @property
    def log(self) -> Path:
        return self.root / "log.jsonl"

    @contextmanager
    def lock(self) -> Generator[None]:
        """Hold the run directory for this process alone.

        Raises:
            UserError: another process is working in it.
        """
        import fcntl

        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UserError(
                    f"another process is working in {self.root}; wait for it, or choose another --out"
                ) from error
            yield


def open_run(root: Path) -> Run:
    """An existing run directory.

    Raises:
        UserError: there is no run at `root`.
    """
    run = Run(root)
    if not run.recipe.exists():
        raise UserError(f"{root} holds no run (it has no recipe.yaml); `vpd verify` makes one")
    return run


def together(
    tables: Iterable[Table[E]], shard: int, columns: Sequence[str] | None = None
) -> dict[str, list[E]]:
    """The rows of several tables' shards by example, those of the first table first; see `Table.read`."""
    rows: defaultdict[str, list[E]] = defaultdict(list)
    for table in tables:
        if table.path(shard).exists():
            for row in table.read(shard, columns):
                rows[row.example_id].append(row)
    return rows


def combine(*parts: str) -> str:
    """One fingerprint of several."""
    # The lengths keep ("ab", "c") and ("a", "bc") apart.
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
