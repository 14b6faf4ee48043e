"""Which questions a round asks, and whether what it drew before is current."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from vpd.errors import UserError
from vpd.language_models.settings import OpenAISettings, TransformersSettings
from vpd.recipe import Recipe
from vpd.records import Example
from vpd.sampling.requests import Past, Requests
from vpd.sampling.settings import SamplingSettings
from vpd.stages import stage_fingerprint
from vpd.store import Run, combine, together


def settings_of(recipe: Recipe) -> SamplingSettings:
    """
    Raises:
        UserError: the recipe says nothing of sampling.
    """
    if recipe.sampling is None:
        raise UserError(
            "the recipe names no language model; add `sampling: {model: {provider: openai, model: NAME}}`"
        )
    return recipe.sampling


def fingerprints(recipe: Recipe, run: Run, number: int) -> Callable[[int], str]:
    """Of each shard of a round: the settings, the questions, and all that earlier rounds have of them."""
    settings = settings_of(recipe)
    own = combine(
        stage_fingerprint("sampling", 1),
        Requests(settings).fingerprint(number),
        model_fingerprint(settings.model),
    )
    earlier = [run.round(n) for n in range(1, number)]
    past = [table for each in earlier for table in (each.candidates, each.executions)]

    def fingerprint(shard: int) -> str:
        tables = (run.examples, *past)
        digests = (t.digest(shard) if t.path(shard).exists() else "absent" for t in tables)
        # Of the verdicts, all that matters is which questions still ask for more.
        return combine(own, *digests, *sorted(_accepted(run, number, shard)))

    return fingerprint


def is_stale(recipe: Recipe, run: Run, number: int) -> bool:
    """Whether some of a round was drawn with other settings, for other questions, or after other verdicts."""
    made_from, table = fingerprints(recipe, run, number), run.round(number).candidates
    return any(
        table.fingerprint(shard) not in (made_from(shard), incomplete(made_from(shard)))
        for shard in range(len(table))
    )


class Question(NamedTuple):
    """A question that a round asks."""

    example: Example
    past: Past


def questions(run: Run, number: int, shard: int) -> Iterator[Question]:
    """The questions of a shard that have no accepted program yet, with what earlier rounds drew for them."""
    earlier = [run.round(n) for n in range(1, number)]
    candidates = together([each.candidates for each in earlier], shard)
    executions = together([each.executions for each in earlier], shard)
    accepted = _accepted(run, number, shard)
    for example in run.examples.read(shard):
        if example.problem is None and example.id not in accepted:
            past = Past(candidates.get(example.id, []), executions.get(example.id, []))
            yield Question(example, past)


def accepted_before(run: Run, number: int) -> int:
    """For how many questions the rounds before `number` found an accepted program."""
    return sum(len(_accepted(run, number, shard)) for shard in range(len(run.examples)))


def _accepted(run: Run, number: int, shard: int) -> set[str]:
    """The questions of a shard for which the rounds before `number` found an accepted program."""
    verdicts = run.round(number - 1).verdicts
    if number == 1 or not verdicts.path(shard).exists():
        return set()
    rows = verdicts.read(shard, ("example_id", "index", "status", "kept"))
    return {verdict.example_id for verdict in rows if verdict.kept}


def incomplete(fingerprint: str) -> str:
    """The fingerprint of a shard in which replies are missing: current, but pending."""
    return combine(fingerprint, "incomplete")


_NO_MATTER = {
    "api_key_env",
    "batch_size",
    "device",
    "max_attempts",
    "max_concurrency",
    "patience",
    "prices",
    "samples_per_request",
    "timeout",
    "tokenizer",
}
"""Settings of a model that do not change what it says."""


def model_fingerprint(model: OpenAISettings | TransformersSettings) -> str:
    """A model in a folder is known by the sizes and times of its files: weights can be large."""
    folder = Path(model.model)
    files = sorted(folder.iterdir()) if isinstance(model, TransformersSettings) and folder.is_dir() else []
    stats = [(file.name, file.stat()) for file in files if file.is_file()]
    return combine(
        model.model_dump_json(exclude=_NO_MATTER),
        *(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats),
    )
