"""The broker: batches without timers, shared calls, cached results, failures that stay alone."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from vision_tools.errors import ToolError
from vision_tools.regions import Picture, Region
from vision_tools.roles import AnswerQuery, Detection, NameQuery
from vpd.execution.broker import Broker
from vpd.execution.cache import ResultCache
from vpd.execution.calls import ToolFailure

PICTURE = Picture("0" * 64, lambda: None)  # type: ignore[arg-type, return-value]


def question(text: str) -> AnswerQuery:
    return AnswerQuery(Region(PICTURE, (0, 0, 10, 10)), text)


class Echo:
    """Answers with the question, and remembers its batches."""

    def __init__(self, batch_size: int = 100, act: Callable[[str], object] = str) -> None:
        self.identity = "echo"
        self.batch_size = batch_size
        self.act = act
        self.batches: list[list[str]] = []

    def answer(self, queries: Sequence[AnswerQuery]) -> Sequence[str]:
        self.batches.append([query.question for query in queries])
        return [self.act(query.question) for query in queries]  # type: ignore[misc]


async def ask(broker: Broker, *questions: str) -> list[object]:
    """One program that asks its questions one after the other; its last answer or failure counts."""
    async with broker.program():
        return [await broker.call("answerer", question(text)) for text in questions]


async def ask_all(broker: Broker, programs: Sequence[Sequence[str]]) -> list[object]:
    return await asyncio.gather(*(ask(broker, *each) for each in programs), return_exceptions=True)


async def test_calls_of_all_running_programs_form_one_batch():
    echo = Echo()
    broker = Broker({"answerer": echo}, None, 10)
    answers = await ask_all(broker, [["a"], ["b"], ["c"]])
    assert answers == [["a"], ["b"], ["c"]]
    assert echo.batches == [["a", "b", "c"]]


async def test_a_batch_waits_for_a_program_that_still_computes():
    echo = Echo()
    broker = Broker({"answerer": echo}, None, 10)

    async def slow() -> None:
        async with broker.program():
            for _ in range(50):
                await asyncio.sleep(0)
            await broker.call("answerer", question("slow"))

    await asyncio.gather(ask(broker, "fast"), slow())
    assert echo.batches == [["fast", "slow"]]


async def test_a_full_batch_is_sent_although_programs_still_compute():
    echo = Echo(batch_size=2)
    broker = Broker({"answerer": echo}, None, 10)
    finish = asyncio.Event()

    async def computing() -> None:
        async with broker.program():
            await finish.wait()

    other = asyncio.create_task(computing())
    assert await ask_all(broker, [["a"], ["b"]]) == [["a"], ["b"]]
    finish.set()
    await other


async def test_programs_that_resume_together_meet_in_the_next_batch():
    echo = Echo()
    broker = Broker({"answerer": echo}, None, 10)
    await ask_all(broker, [["a1", "a2"], ["b1", "b2"], ["c1", "c2"]])
    assert echo.batches == [["a1", "b1", "c1"], ["a2", "b2", "c2"]]


async def test_equal_calls_in_flight_are_asked_once():
    echo = Echo()
    broker = Broker({"answerer": echo}, None, 10)
    assert await ask_all(broker, [["same"], ["same"], ["same"]]) == [["same"]] * 3
    assert echo.batches == [["same"]]
    assert broker.statistics["answerer"].shared == 2


async def test_several_calls_of_one_program_are_asked_together():
    echo = Echo()
    broker = Broker({"answerer": echo}, None, 10)
    async with broker.program():
        assert await broker.call_all("answerer", [question(t) for t in "abca"]) == ["a", "b", "c", "a"]
    assert echo.batches == [["a", "b", "c"]]
    assert await ask(broker, "d") == ["d"], "the accounts of who runs are balanced"


async def test_known_results_come_from_the_cache_also_in_another_process(tmp_path: Path):
    for expected in ([["a"]], []):
        cache = ResultCache(tmp_path / "cache.sqlite")
        echo = Echo()
        broker = Broker({"answerer": echo}, cache, 10)
        assert await ask(broker, "a") == ["a"]
        assert echo.batches == expected
        cache.close()


@pytest.mark.parametrize("change", ["question", "region", "picture", "identity"])
async def test_anything_an_answer_depends_on_makes_another_cache_entry(tmp_path: Path, change: str):
    cache = ResultCache(tmp_path / "cache.sqlite")
    first, second = Echo(), Echo()
    second.identity = "echo 2" if change == "identity" else "echo"
    picture = Picture("1" * 64, PICTURE.load) if change == "picture" else PICTURE
    region = Region(picture, (0, 0, 9 if change == "region" else 10, 10))
    other = AnswerQuery(region, "other" if change == "question" else "same")
    await ask(Broker({"answerer": first}, cache, 10), "same")
    broker = Broker({"answerer": second}, cache, 10)
    async with broker.program():
        await broker.call("answerer", other)
    assert len(second.batches) == 1


async def test_one_bad_input_fails_alone():
    def act(text: str) -> str:
        if text == "bad":
            raise ToolError("cannot read it")
        return text

    echo = Echo(act=act)
    good, bad, fine = await ask_all(Broker({"answerer": echo}, None, 10), [["a"], ["bad"], ["c"]])
    assert (good, fine) == (["a"], ["c"])
    assert isinstance(bad, ToolFailure)
    assert "cannot read it" in str(bad)


async def test_failures_are_not_cached(tmp_path: Path):
    cache = ResultCache(tmp_path / "cache.sqlite")

    def fail(text: str) -> str:
        raise RuntimeError("out of memory")

    with pytest.raises(ToolFailure, match="out of memory"):
        await ask(Broker({"answerer": Echo(act=fail)}, cache, 10), "a")
    assert await ask(Broker({"answerer": Echo()}, cache, 10), "a") == ["a"]


@pytest.mark.parametrize("nonsense", [None, 3, ["a"], b"bytes"])
async def test_nonsense_is_a_failure_not_an_answer(nonsense: object):
    with pytest.raises(ToolFailure, match="nonsense"):
        await ask(Broker({"answerer": Echo(act=lambda _: nonsense)}, None, 10), "a")


@pytest.mark.parametrize(
    "detection",
    [
        Detection((0, 0, float("nan"), 1), "x", 1.0),  # type: ignore[arg-type]
        Detection((5, 5, 1, 1), "x", 1.0),  # type: ignore[arg-type]
        Detection((0, 0, 1), "x", 1.0),  # type: ignore[arg-type]
        Detection((0, 0, 1, 1), "x", "high"),  # type: ignore[arg-type]
        "box",
    ],
)
async def test_impossible_detections_are_a_failure(detection: object):
    class Detector:
        identity, batch_size = "detector", 8

        def detect(self, queries: Sequence[NameQuery]) -> Sequence[Sequence[object]]:
            return [[detection] for _ in queries]

    broker = Broker({"detector": Detector()}, None, 10)  # type: ignore[dict-item]
    async with broker.program():
        with pytest.raises(ToolFailure, match="nonsense"):
            await broker.call("detector", NameQuery(Region(PICTURE, (0, 0, 10, 10)), "cat"))


async def test_too_few_results_are_a_failure():
    class Short(Echo):
        def answer(self, queries: Sequence[AnswerQuery]) -> Sequence[str]:
            return ["only one"] if len(queries) == 1 else ["only one", "and another"][: len(queries) - 1]

    assert await ask_all(Broker({"answerer": Short()}, None, 10), [["a"], ["b"]]) == [["only one"]] * 2


async def test_a_hanging_call_fails_alone_and_the_tool_goes_on():
    release = threading.Event()

    def act(text: str) -> str:
        if text == "hang":
            release.wait(30)
        return text

    broker = Broker({"answerer": Echo(act=act)}, None, 0.2)
    started = time.monotonic()
    a, hung, b = await ask_all(broker, [["a"], ["hang"], ["b"]])
    assert (a, b) == (["a"], ["b"])
    assert "did not answer within" in str(hung)
    assert await ask(broker, "later") == ["later"]
    assert time.monotonic() - started < 10
    release.set()


async def test_a_tool_that_always_hangs_is_not_asked_for_ever():
    release = threading.Event()
    echo = Echo(act=lambda _: release.wait(30))
    broker = Broker({"answerer": echo}, None, 0.05)
    outcomes = [(await ask_all(broker, [[str(i)]]))[0] for i in range(5)]
    assert "not asked again" in str(outcomes[-1])
    assert len(echo.batches) == 3
    release.set()


async def test_a_role_nobody_plays_says_which_and_how_to_configure_it():
    with pytest.raises(ToolFailure, match=r"role `answerer`.*--tool answerer=NAME"):
        await ask(Broker({}, None, 10), "a")


async def test_a_cancelled_program_does_not_hold_up_the_others():
    echo = Echo()
    broker = Broker({"answerer": echo}, None, 10)
    computing = asyncio.Event()

    async def blocker() -> None:
        async with broker.program():
            await computing.wait()

    block = asyncio.create_task(blocker())
    cancelled = asyncio.create_task(ask(broker, "a"))
    waiting = asyncio.create_task(ask(broker, "a"))
    await asyncio.sleep(0.01)
    cancelled.cancel()
    computing.set()
    assert await waiting == ["a"]
    await block
    assert await ask(broker, "b") == ["b"]


async def test_nothing_waits_when_a_tool_has_the_only_running_program():
    """The batch goes out although other programs wait for another tool."""
    release = threading.Event()
    slow, quick = Echo(act=lambda text: (release.wait(30), text)[1]), Echo()

    class Know:
        identity, batch_size = "know", 8

        def know(self, queries: Sequence[object]) -> Sequence[str]:
            return quick.answer([question("k") for _ in queries])

    broker = Broker({"answerer": slow, "knowledge": Know()}, None, 30)  # type: ignore[dict-item]
    from vision_tools.roles import KnowledgeQuery

    first = asyncio.create_task(ask(broker, "a"))
    await asyncio.sleep(0.01)
    async with broker.program():
        assert await broker.call("knowledge", KnowledgeQuery("k")) == "k"
    release.set()
    assert await first == ["a"]


async def test_closing_waits_until_results_under_way_are_kept(tmp_path: Path):
    cache = ResultCache(tmp_path / "cache.sqlite")
    echo = Echo(act=lambda text: (time.sleep(0.1), text)[1])
    broker = Broker({"answerer": echo}, cache, 10)
    task = asyncio.create_task(ask(broker, "a"))
    await asyncio.sleep(0.02)
    task.cancel()
    await broker.close()
    assert await ask(Broker({"answerer": Echo(act=lambda _: "no")}, cache, 10), "a") == ["a"]
