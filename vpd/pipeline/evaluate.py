"""Questions and systems → predictions: every system answers every question of every benchmark once."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from vpd.evaluation.answering.asking import MAX_TOKENS, Way, answer, first_ask
from vpd.evaluation.answering.endpoint import EndpointModel
from vpd.evaluation.answering.local import LocalModel, LocalSettings
from vpd.evaluation.answering.model import Model, Pixels
from vpd.evaluation.answering.programs import Programs
from vpd.evaluation.benchmark import Benchmark
from vpd.evaluation.folder import BenchmarkFolder, EvaluationFolder, SystemCard, predictions_fingerprint
from vpd.evaluation.records import Prediction
from vpd.evaluation.systems import Source
from vpd.language_models.budget import Budget
from vpd.language_models.cached import CachedModel
from vpd.language_models.database import Database
from vpd.language_models.estimate import Estimate, estimate
from vpd.language_models.protocol import Request
from vpd.language_models.settings import create
from vpd.log import Log
from vpd.pipeline.asked import incomplete
from vpd.pixel_operations import Coordinates
from vpd.progress import Advance
from vpd.stages import Stage, complete, stage_fingerprint
from vpd.store import Run, combine, open_run


@dataclass(frozen=True)
class AnswerSettings:
    """How systems answer."""

    max_tokens: int | None = None
    """Of one reply; None for what the way of answering needs."""
    coordinates: Coordinates = "relative"
    """In which models count the boxes of pixel operations."""
    device: str = "auto"
    dtype: str = "auto"
    revision: str | None = None
    batch_size: int = 8
    max_tokens_total: int | None = None
    """The budget of all endpoints together."""
    max_cost: float | None = None


@dataclass(frozen=True)
class System:
    """A model that answers in one way, or a run's programs."""

    source: Source
    way: Way | None
    """None for programs."""
    settings: AnswerSettings

    @property
    def name(self) -> str:
        return self.source.name if self.way in (None, "direct") else f"{self.source.name} ({self.way})"

    def card(self, benchmark: Benchmark) -> SystemCard:
        """What it is, when it answers this benchmark."""
        where = self.source.where
        asked = combine(benchmark.suffix, benchmark.options, str(benchmark.lower_case))
        return SystemCard(
            name=self.name,
            way=self.way or "programs",
            model=str(Path(where).absolute()) if Path(where).is_dir() else where,
            fingerprint=combine(self.fingerprint, asked),
        )

    @property
    def max_tokens(self) -> int:
        return self.settings.max_tokens or MAX_TOKENS[self.way or "direct"]

    @property
    def local(self) -> LocalSettings:
        own = self.settings
        return LocalSettings(self.source.where, own.revision, own.device, own.dtype, own.batch_size)

    @cached_property
    def fingerprint(self) -> str:
        """Of all that can change its answers, beside the questions."""
        own = stage_fingerprint("predictions", 3)
        match self.source.kind:
            case "programs":
                run = open_run(Path(self.source.where))
                digests = [
                    table.digest(shard)
                    for table in (run.candidates, run.executions)
                    for shard in range(len(table))
                ]
                return combine(own, *digests)
            case "endpoint":
                identity = str(_unpaid(self).identity)
            case "local":
                identity = LocalModel(self.local, Pixels(Path())).identity
        coordinates = self.settings.coordinates if self.way == "pixel" else ""
        return combine(own, identity, self.way or "", str(self.max_tokens), coordinates)


def systems(sources: Sequence[Source], ways: Sequence[Way], settings: AnswerSettings) -> list[System]:
    """Every model in every way; programs answer as they do."""
    return [
        System(source, way, settings)
        for source in sources
        for way in ((None,) if source.kind == "programs" else ways)
    ]


def predict(root: EvaluationFolder, folder: BenchmarkFolder, system: System, responses: Path) -> None:
    """Bring one system's predictions on one benchmark up to date.

    Args:
        root: the evaluation.
        folder: the benchmark, its questions read.
        system: who answers.
        responses: the file of the endpoints' replies.

    Raises:
        UserError: the model cannot be loaded or reached, another one answered under its name, or the budget is
            spent; what is done stays done.
    """
    folder.card(system.card(folder.definition))
    complete(_stage(root, folder, system, responses), Log(root.root / "log.jsonl"))


def pending(root: EvaluationFolder, folder: BenchmarkFolder, system: System, responses: Path) -> int:
    """How many questions a system has yet to answer."""
    stage = _stage(root, folder, system, responses)
    return sum(folder.questions.count(shard) for shard in stage.pending())


def cost(folder: BenchmarkFolder, system: System, responses: Path) -> Estimate | None:
    """What an endpoint would be sent for the first turn of every question; None for what costs nothing."""
    settings = system.source.endpoint
    if settings is None:
        return None
    benchmark, asked = folder.definition, system.way or "direct"
    client = EndpointModel(_unpaid(system), Pixels(folder.images), folder.root / "crops")

    def requests() -> Iterator[Request]:
        for item in folder.questions.rows():
            if item.example.problem is None:
                ask = first_ask(item, benchmark, asked, system.settings.coordinates)
                yield client.request(ask, system.max_tokens)

    database = Database(responses)
    try:
        return estimate(_unpaid(system), requests(), database, settings.prices)
    finally:
        database.close()


def _stage(
    root: EvaluationFolder, folder: BenchmarkFolder, system: System, responses: Path
) -> Stage[Prediction]:
    benchmark = folder.definition
    by = system.card(benchmark).fingerprint
    endpoint = system.source.kind == "endpoint"

    unfinished: set[int] = set()

    def fingerprint(shard: int) -> str:
        asked = folder.questions.digest(shard)
        return predictions_fingerprint(by, incomplete(asked) if shard in unfinished else asked)

    @asynccontextmanager
    async def worker(advance: Advance) -> AsyncGenerator[Callable[[int], Awaitable[Sequence[Prediction]]]]:
        made = 0
        async with _answering(root, folder, system, responses, benchmark, advance) as shard_of:
            begun = time.monotonic()

            async def shard(index: int) -> Sequence[Prediction]:
                nonlocal made
                predictions = await shard_of(index)
                made += len(predictions)
                if any(prediction.status == "no_reply" for prediction in predictions):
                    unfinished.add(index)
                return predictions

            yield shard
            if system.source.kind != "programs":  # which were run before
                Log(root.root / "log.jsonl").write(
                    "answered",
                    benchmark=folder.name,
                    system=system.name,
                    by=system.fingerprint[:16],
                    questions=made,
                    seconds=round(time.monotonic() - begun, 3),
                )

    return Stage(
        name=f"{folder.name}: {system.name}",
        table=folder.predictions(system.name),
        shards=len(folder.questions),
        fingerprint=fingerprint,
        rows=folder.questions.count,
        worker=worker,
        parallel=4 if endpoint else 1,  # enough to keep an endpoint busy while one shard ends
    )


@asynccontextmanager
async def _answering(
    root: EvaluationFolder,
    folder: BenchmarkFolder,
    system: System,
    responses: Path,
    benchmark: Benchmark,
    advance: Advance,
) -> AsyncGenerator[Callable[[int], Awaitable[Sequence[Prediction]]]]:
    if system.source.kind == "programs":
        programs = Programs(open_run(Path(system.source.where)))

        async def voted(shard: int) -> Sequence[Prediction]:
            items = folder.questions.read(shard)
            advance(len(items))
            return [programs.prediction(item, benchmark) for item in items]

        yield voted
        return
    async with _model(root, folder, system, responses) as model:

        async def asked(shard: int) -> Sequence[Prediction]:
            items = folder.questions.read(shard)
            return await answer(
                model,
                items,
                benchmark,
                cast("Way", system.way),
                system.max_tokens,
                system.settings.coordinates,
                advance,
            )

        yield asked


@asynccontextmanager
async def _model(
    root: EvaluationFolder, folder: BenchmarkFolder, system: System, responses: Path
) -> AsyncGenerator[Model]:
    pixels = Pixels(folder.images)
    database = None
    if system.source.endpoint is not None:
        database = Database(responses)
        own = system.settings
        budget = Budget(
            database,
            Run(root.root).id,
            system.source.endpoint.prices,
            own.max_tokens_total,
            own.max_cost,
        )
        client = CachedModel(create(system.source.endpoint), database, budget)
        model: Model = EndpointModel(client, pixels, folder.root / "crops")
    else:
        model = LocalModel(system.local, pixels)
    try:
        await model.start()
        yield model
    finally:
        await model.close()
        if database is not None:
            database.close()


def _unpaid(system: System) -> Any:
    """The endpoint's model without the key that only sending needs."""
    assert system.source.endpoint is not None
    return create(system.source.endpoint.model_copy(update={"api_key_env": None}))


def seconds_per_answer(root: EvaluationFolder, benchmark: str, system: str) -> float | None:
    """From the log: the time that answering took, loading a model not counted; None where it is not known."""
    by, seconds, questions = "", 0.0, 0
    for entry in Log(root.root / "log.jsonl").read("answered"):
        if (entry["benchmark"], entry["system"]) == (benchmark, system):
            if entry["by"] != by:  # another model of the same name
                by, seconds, questions = entry["by"], 0.0, 0
            seconds, questions = seconds + entry["seconds"], questions + entry["questions"]
    return seconds / questions if questions else None
