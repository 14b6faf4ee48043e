"""The user's files → the tables `examples` and, where programs come from a file, `candidates`."""

from vpd.inputs.candidates import CandidateFile
from vpd.inputs.hub import fetch
from vpd.inputs.questions import QuestionFile
from vpd.log import Log
from vpd.recipe import Recipe
from vpd.records import Candidate, Example
from vpd.stages import Stage, complete, simple_worker, stage_fingerprint
from vpd.store import Run, combine


def read_inputs(recipe: Recipe, run: Run, limit: int | None = None) -> None:
    """Bring both tables up to date.

    Args:
        recipe: names the files.
        run: where the tables are.
        limit: read the first so many questions only.

    Raises:
        UserError: a file cannot be read, a line of it is malformed, or a data set cannot be had.
    """
    log = Log(run.log)
    if recipe.data.hub:
        fetch(recipe.data, limit)
    complete(_examples(recipe, run, limit), log)
    if recipe.data.candidates is not None:
        file = CandidateFile(recipe.data.candidates)
        stage = _candidates(file, run)
        changed = bool(stage.pending())
        complete(stage, log)
        if changed and (unmatched := file.unmatched(run.examples.rows())):
            log.warn(f"{unmatched} rows of {file.path} belong to no question that was read")


def _examples(recipe: Recipe, run: Run, limit: int | None) -> Stage[Example]:
    data = recipe.data
    file = QuestionFile(data.questions, data.images, data.shard_size, limit)
    slices = list(file.slices())
    own = stage_fingerprint("examples", 1)

    def rows(shard: int) -> int:
        return slices[shard].size

    return Stage(
        name="questions",
        table=run.examples,
        shards=len(slices),
        fingerprint=lambda shard: combine(own, file.fingerprint(slices[shard])),
        rows=rows,
        worker=simple_worker(lambda shard: file.examples(slices[shard]), rows),
    )


def _candidates(file: CandidateFile, run: Run) -> Stage[Candidate]:
    own = combine(stage_fingerprint("candidates", 1), file.digest)
    return Stage(
        name="programs",
        table=run.candidates,
        shards=len(run.examples),
        fingerprint=lambda shard: combine(own, run.examples.digest(shard)),
        rows=run.examples.count,
        worker=simple_worker(
            lambda shard: [c for example in run.examples.read(shard) for c in file.candidates(example)],
            run.examples.count,
        ),
    )
