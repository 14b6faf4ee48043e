"""Questions, labels and rationales → training rows."""

from collections.abc import Sequence

from vpd.distillation.rows.rows import Kept, RowMaker
from vpd.errors import UserError
from vpd.pipeline.distill_rationales import selected
from vpd.recipe import Recipe
from vpd.records import Rationale, TrainingRow
from vpd.stages import Stage, simple_worker, stage_fingerprint
from vpd.store import Run, combine


def training_rows(recipe: Recipe, run: Run, taken: Sequence[int]) -> Stage[TrainingRow]:
    """Make the rows of the questions that take part: labels for all of them that have one.

    Args:
        recipe: says which.
        run: its rationales have been written.
        taken: how many questions of each shard take part, from the first.
    """
    settings = recipe.distillation

    def make(shard: int) -> list[TrainingRow]:
        rationales = {row.example_id: row for row in run.rationales.read(shard)}
        kept = _kept(run, shard, rationales) if rationales else {}
        maker = RowMaker(settings, shard)
        examples = run.examples.read(shard)[: taken[shard]]
        return [row for example in examples for row in maker.rows(example, kept.get(example.id))]

    return Stage(
        name="training rows",
        table=run.rows,
        shards=len(taken),
        fingerprint=lambda shard: _made_from(recipe, run, shard, taken[shard]),
        rows=lambda shard: taken[shard],
        worker=simple_worker(make, lambda shard: taken[shard]),
    )


def check_current(recipe: Recipe, run: Run) -> None:
    """
    Raises:
        UserError: the training rows were made by another recipe, or from other verdicts than the run has now.
    """
    table = run.rows
    for shard in range(len(table)):
        # How many of the questions took part is not known: any number of them will do.
        known = run.examples.count(shard) if run.examples.path(shard).exists() else -1
        made_from = table.fingerprint(shard)
        if not any(_made_from(recipe, run, shard, taken) == made_from for taken in range(known, 0, -1)):
            raise UserError(
                f"the training rows in {run.root} were made by another recipe, or before its programs were judged "
                "anew; run `vpd distill` with this recipe again"
            )


def _made_from(recipe: Recipe, run: Run, shard: int, taken: int) -> str:
    """The fingerprint of a shard of which so many questions take part."""
    settings = recipe.distillation
    writing = settings.rationales
    limits = "none" if writing is None else str(writing.max_words)
    # Neither who writes the rationales nor the licences change what is made of them here.
    without_writing = settings.model_copy(update={"rationales": None, "licences": {}})
    own = combine(stage_fingerprint("rows", 2, without_writing), limits)
    tables = (run.examples, run.candidates, run.verdicts, run.rationales)
    return combine(own, str(taken), *(t.digest(shard) for t in tables if t.path(shard).exists()))


def _kept(run: Run, shard: int, rationales: dict[str, Rationale]) -> dict[str, Kept]:
    chosen = selected(run, shard)
    places = {(row.example_id, row.index) for row in rationales.values()} & set(chosen.items())
    candidates = {(c.example_id, c.index): c for c in run.candidates.read(shard)}
    verdicts = {(v.example_id, v.index): v for v in run.verdicts.read(shard)}
    return {
        place[0]: Kept(candidates[place], verdicts[place], rationales[place[0]]) for place in sorted(places)
    }
