"""A language model's opinion on open answers where rules leave doubt: a server that answers as a script says."""

from collections.abc import Callable

import pytest

from tests.language_models.conftest import connect, serve  # noqa: F401 - fixtures
from tests.language_models.server import Exchange, Script, Server, choice, error, reply
from tests.verification.programs import example
from vpd.language_models.errors import TransientError
from vpd.language_models.openai import OpenAIModel
from vpd.verification.doubt import doubtful_references
from vpd.verification.judge import Judge, read_opinion, request

Serve = Callable[[Script], Server]
Connect = Callable[..., OpenAIModel]


@pytest.mark.parametrize(
    ("answer", "label", "doubtful"),
    [
        ("a sofa cushion", "pillow", True),
        ("Pillow", "pillow", False),  # the same
        ("3", "4", False),  # two numbers
        ("12/01/2018", "13/01/2018", False),  # two dates
        ("yes", "no", False),
        (" ", "pillow", False),
        ("a word " * 20, "pillow", False),
    ],
)
def test_rules_leave_doubt_only_where_words_may_mean_the_same(answer: str, label: str, doubtful: bool):
    assert bool(doubtful_references(answer, example("What is it?", label, "open"))) is doubtful


def test_answers_of_other_types_are_never_in_doubt():
    assert not doubtful_references("a pair", example("How many?", "2", "number"))


def test_the_request_does_not_tell_which_answer_is_the_label():
    assert request("What is it?", "sofa", "couch") == request("What is it?", "couch", "sofa")


def test_either_answer_comes_first_in_about_half_of_the_requests():
    orders = {
        'Answer A: "sofa"' in str(request(f"{n}?", "sofa", "couch").messages[0].content) for n in range(20)
    }
    assert orders == {True, False}


@pytest.mark.parametrize(
    ("text", "opinion"),
    [
        ("SAME", True),
        ("DIFFERENT.", False),
        ("They name one thing.\nAnswer: SAME", True),
        ("**SAME**", True),
        ("SAME or not?</think>\nDIFFERENT", False),
        ("They could be the SAME, but no: DIFFERENT", False),
        ("DIFFERENT, they are not the SAME.", None),
        ("I cannot say whether they are the SAME", None),
        ("SAME\nDIFFERENT", None),
        ("UNSURE", None),
        ("I cannot tell", None),
    ],
)
def test_a_word_that_stands_alone_counts(text: str, opinion: bool | None):
    assert read_opinion(text) is opinion


async def test_a_model_is_asked_and_its_word_is_taken(serve: Serve, connect: Connect):  # noqa: F811
    def script(exchange: Exchange):
        return reply("SAME" if "carpet" in exchange.prompt else "DIFFERENT")

    server = serve(script)
    judge = Judge(connect(server))
    assert await judge.same("What is it?", "rug", "carpet") is True
    assert await judge.same("What is it?", "rug", "lamp") is False
    assert all("label" not in exchange.prompt.lower() for exchange in server.log)


async def test_a_request_that_cannot_be_answered_is_no_opinion(serve: Serve, connect: Connect):  # noqa: F811
    server = serve(lambda _: error(400, "too long", code="context_length_exceeded"))
    assert await Judge(connect(server)).same("What is it?", "sofa", "couch") is None


async def test_an_endpoint_that_fails_is_not_taken_for_an_opinion(serve: Serve, connect: Connect):  # noqa: F811
    server = serve(lambda _: error(500))
    with pytest.raises(TransientError):
        await Judge(connect(server, max_attempts=1)).same("What is it?", "sofa", "couch")


async def test_a_reply_cut_off_in_its_thinking_is_no_opinion(serve: Serve, connect: Connect):  # noqa: F811
    server = serve(lambda _: reply(choice("SAME", finish_reason="length")))
    assert await Judge(connect(server)).same("What is it?", "sofa", "couch") is None
