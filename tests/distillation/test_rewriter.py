"""The language-model rewriter: variants, what is wrong with them named, and templates where nothing passes."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.distillation.small_worlds import Teller, Told, picture, thing
from tests.language_models.conftest import connect, serve
from tests.language_models.server import Exchange, Server, reply
from vpd.distillation.rationale.prompt import Told as Shown
from vpd.distillation.rationale.prompt import case, instructions
from vpd.distillation.rationale.rewriter import Rewriter
from vpd.distillation.rationale.writing import write_rationale
from vpd.distillation.settings import RationaleSettings
from vpd.language_models.openai import OpenAIModel
from vpd.records import Candidate, Rationale

__all__ = ["connect", "serve"]

TRUE = "There are three cups, so the answer is 3."
FALSE = "There are four cups, so the answer is 3."

Serve = Callable[..., Server]
Connect = Callable[..., OpenAIModel]


@pytest.fixture(scope="module")
def told(tell: Teller) -> Told:
    cups = picture(thing("cup", 10), thing("cup", 50), thing("cup", 90))
    return tell("return len(image.find('cup'))", cups, question="How many cups are there?")


async def write(
    told: Told, model: OpenAIModel, labels: tuple[str, ...] = ("3",), **settings: Any
) -> Rationale:
    chosen = RationaleSettings(**settings)
    example = told.example.model_copy(update={"answers": labels})
    candidate = Candidate(example_id="q", index=0, program=told.program)
    return await write_rationale(example, candidate, told.execution, chosen, Rewriter(model, chosen))


async def test_the_shortest_variant_that_passes_is_kept(told: Told, serve: Serve, connect: Connect):
    longer = "I can see three cups in the picture, so the answer is 3."
    server = serve(lambda exchange: reply(longer, FALSE, f"Explanation: {TRUE}"))
    written = await write(told, connect(server))
    assert (written.text, written.source, written.unsupported) == (TRUE, "language_model", ())
    assert server.log[0].n == 3


async def test_unsupported_claims_are_shown_to_the_model(told: Told, serve: Serve, connect: Connect):
    server = serve(lambda exchange: reply(*[FALSE if exchange.number == 0 else TRUE] * 3))
    written = await write(told, connect(server))
    assert written.text == TRUE
    first, again = (exchange.prompt for exchange in server.log)
    assert again.startswith(first.rstrip())
    assert FALSE in again
    assert "- There are four cups" in again


async def test_where_nothing_passes_the_template_writes(told: Told, serve: Serve, connect: Connect):
    server = serve(lambda exchange: reply(FALSE, FALSE, FALSE))
    written = await write(told, connect(server), rewrites=2)
    assert written.source == "template"
    assert written.text == told.text(seed="q")
    assert written.unsupported == ()
    assert len(server.log) == 3


@pytest.mark.parametrize("text", ["There are three cups.", "three cups " * 100 + TRUE])
async def test_a_variant_without_the_answer_or_too_long_does_not_pass(
    text: str, told: Told, serve: Serve, connect: Connect
):
    server = serve(lambda exchange: reply(text, text, text))
    assert (await write(told, connect(server), rewrites=0)).source == "template"


async def test_a_refused_request_falls_back_to_the_template(told: Told, serve: Serve, connect: Connect):
    from tests.language_models.server import error

    server = serve(lambda exchange: error(400, "maximum context length", code="context_length_exceeded"))
    assert (await write(told, connect(server))).source == "template"


async def test_prompts_are_the_same_whatever_the_label(told: Told, serve: Serve, connect: Connect):
    def script(exchange: Exchange):  # type: ignore[no-untyped-def]
        return reply(FALSE, FALSE, FALSE)

    servers = [serve(script) for _ in range(3)]
    for server, labels in zip(servers, [(), ("3",), ("the secret label 471",)], strict=True):
        await write(told, connect(server), labels)
    bodies = [[exchange.body["messages"] for exchange in server.log] for server in servers]
    assert len(bodies[0]) == 2
    assert bodies[0] == bodies[1] == bodies[2]
    assert "471" not in str(bodies)


def test_the_prompt_shows_question_program_trace_and_facts(told: Told):
    shown = Shown(
        told.example.question, ("2", "3"), tuple(told.sizes), told.program, told.execution.steps, told.facts
    )
    text = case(shown, "none")
    assert "How many cups are there?" in text
    assert "Choices: 2; 3" in text
    assert told.program.strip() in text
    assert "2: image.find('cup') → [ImagePatch(10, 50, 20, 60), " in text
    assert "- there are three cups" in text


def test_its_examples_say_what_their_facts_say(tell: Teller):
    from vpd.distillation.rationale.prompt import _examples
    from vpd.sampling.examples import load_examples

    bundled = {each.question: each for each in load_examples().values()}
    for shown in _examples():
        few = bundled[shown["question"]]
        run = tell.in_world(few.program, few.world, few.question, few.choices, few.video)
        assert run.statements == shown["facts"]
        assert run.checker.check(shown["explanation"]) == []
    assert "[" not in instructions("none").content.split("Explanation:")[-1]
