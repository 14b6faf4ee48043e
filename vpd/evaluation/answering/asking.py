"""The ways in which a model answers: questions in, one prediction for each out."""

from collections.abc import Callable, Sequence
from typing import Literal

from vpd.evaluation import prompts
from vpd.evaluation.answering.model import Advance, Ask, Failure, Model, Reply, no_progress
from vpd.evaluation.answering.pixel import begin, converse
from vpd.evaluation.benchmark import Benchmark
from vpd.evaluation.reading import direct_answer, stated_answer
from vpd.evaluation.records import Item, Prediction
from vpd.pixel_operations import Coordinates
from vpd.records import Example, Json, View

Way = Literal["direct", "rationale", "pixel"]

MAX_TOKENS: dict[Way, int] = {"direct": 32, "rationale": 512, "pixel": 512}
"""Of one reply, where nothing else is said."""


async def answer(
    model: Model,
    items: Sequence[Item],
    benchmark: Benchmark,
    way: Way,
    max_tokens: int,
    coordinates: Coordinates,
    advance: Advance = no_progress,
) -> list[Prediction]:
    """One prediction for each question, in their order.

    Args:
        model: is asked all of them together.
        items: of one benchmark.
        benchmark: says how its questions are put.
        way: direct: the answer alone. rationale: reasoning, from which the answer is read. pixel: reasoning with
            pixel operations, which are executed.
        max_tokens: of one reply.
        coordinates: in which the model counts its boxes.
        advance: hears of answers as they come.
    """
    readable = [item for item in items if item.example.problem is None]
    unreadable = {
        item.id: _prediction(item, Failure("no_image", item.example.problem), benchmark)
        for item in items
        if item.example.problem is not None
    }
    advance(len(unreadable))
    made = await (
        _look(model, readable, benchmark, max_tokens, coordinates, advance)
        if way == "pixel"
        else _ask(model, readable, benchmark, way, max_tokens, advance)
    )
    done = unreadable | {prediction.question_id: prediction for prediction in made}
    return [done[item.id] for item in items]


def first_ask(item: Item, benchmark: Benchmark, way: Way, coordinates: Coordinates) -> Ask:
    """What a question's conversation begins with."""
    if way == "pixel":
        return begin(_worded(item, benchmark), coordinates).ask
    asked = prompts.direct if way == "direct" else prompts.rationale
    views = tuple(View(image=image) for image in item.example.images)
    return Ask(asked(item, benchmark), views, wants_yes=way == "direct")


async def _ask(
    model: Model, items: Sequence[Item], benchmark: Benchmark, way: Way, max_tokens: int, advance: Advance
) -> list[Prediction]:
    asks = [first_ask(item, benchmark, way, "relative") for item in items]
    replies = await model.replies(asks, max_tokens, advance) if asks else []
    read = direct_answer if way == "direct" else stated_answer
    return [_read(item, [reply], read, benchmark) for item, reply in zip(items, replies, strict=True)]


async def _look(
    model: Model,
    items: Sequence[Item],
    benchmark: Benchmark,
    max_tokens: int,
    coordinates: Coordinates,
    advance: Advance,
) -> list[Prediction]:
    conversations = [begin(_worded(item, benchmark), coordinates) for item in items]
    await converse(model, conversations, max_tokens, advance)
    return [
        _read(item, each.replies, stated_answer, benchmark, each.turns)
        for item, each in zip(items, conversations, strict=True)
    ]


def _worded(item: Item, benchmark: Benchmark) -> Example:
    """The example with its options as the benchmark shows them."""
    if benchmark.options == "list":
        return item.example
    return item.example.model_copy(update={"question": prompts.question_text(item, benchmark), "choices": ()})


def _read(
    item: Item,
    replies: Sequence[Reply],
    read: Callable[[str], str | None],
    benchmark: Benchmark,
    turns: Sequence[Json] = (),
) -> Prediction:
    last = replies[-1]
    failure, said = last.failure, None
    if failure is None:
        said = read(last.text)
        if said is None:
            failure = Failure(
                "no_answer", "the reply states no answer" if last.text else "the reply is empty"
            )
    counts = {
        "text": "\n".join(reply.text for reply in replies),
        "turns": list(turns) or None,
        "probability_yes": last.probability_yes,
        "prompt_tokens": sum(reply.prompt_tokens for reply in replies),
        "completion_tokens": sum(reply.completion_tokens for reply in replies),
    }
    return _prediction(item, failure or said or "", benchmark).model_copy(update=counts)


def _prediction(item: Item, outcome: Failure | str, benchmark: Benchmark) -> Prediction:
    if isinstance(outcome, Failure):
        return Prediction(
            question_id=item.id, asked=item.digest, status=outcome.status, problem=outcome.problem
        )
    said = outcome.lower() if benchmark.lower_case else outcome
    return Prediction(question_id=item.id, asked=item.digest, status="ok", answer=said)
