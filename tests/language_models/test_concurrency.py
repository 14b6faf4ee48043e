"""How many requests are in flight: more while the endpoint answers, fewer when it is busy."""

import asyncio

from vpd.language_models.concurrency import AdaptiveLimit

from .conftest import ask
from .server import error, reply


class Endpoint:
    """Answers so many requests at once, each in the same time, and turns the others away.

    Time is counted in turns of the event loop: a clock would have it hang on what else the machine does.
    """

    def __init__(self, limit: AdaptiveLimit, bears: int) -> None:
        self.limit = limit
        self.bears = bears
        self.in_flight = 0
        self.most = 0
        self.turned_away = 0

    async def request(self) -> None:
        while True:
            async with self.limit.slot() as slot:
                self.in_flight += 1
                self.most = max(self.most, self.in_flight)
                busy = self.in_flight > self.bears
                for _ in range(20):
                    await asyncio.sleep(0)
                self.in_flight -= 1
                if not busy:
                    slot.answered()
                    return
                self.turned_away += 1
                slot.congested()


async def test_it_doubles_until_the_ceiling():
    limit = AdaptiveLimit(ceiling=100)
    endpoint = Endpoint(limit, bears=1000)
    await asyncio.gather(*(endpoint.request() for _ in range(400)))
    assert limit.current == 100
    assert endpoint.most == 100


async def test_it_settles_near_what_the_endpoint_bears():
    limit = AdaptiveLimit(ceiling=500)
    endpoint = Endpoint(limit, bears=40)
    await asyncio.gather(*(endpoint.request() for _ in range(2000)))
    assert 34 <= limit.current <= 42
    assert endpoint.turned_away < 2000 * 0.15


async def test_one_wave_of_refusals_decreases_once():
    limit = AdaptiveLimit(ceiling=8)

    async def turned_away() -> None:
        async with limit.slot() as slot:
            await asyncio.sleep(0.001)
            slot.congested()

    await asyncio.gather(*(turned_away() for _ in range(8)))
    assert limit.current == 7


async def test_it_never_falls_below_one():
    limit = AdaptiveLimit(ceiling=8)
    for _ in range(50):
        async with limit.slot() as slot:
            slot.congested()
    assert limit.current == 1


async def test_a_limit_that_is_not_reached_does_not_grow():
    limit = AdaptiveLimit(ceiling=100)
    for _ in range(50):
        async with limit.slot() as slot:
            slot.answered()
    assert limit.current == 8


async def test_a_pause_holds_back_every_request():
    limit = AdaptiveLimit(ceiling=8)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with limit.slot() as slot:
        slot.congested(pause=0.2)
        slot.congested(pause=0.1)
    async with limit.slot():
        assert loop.time() - begun >= 0.19


async def test_slots_go_round_when_waiters_give_up():
    limit = AdaptiveLimit(ceiling=1)

    async def hold() -> None:
        async with limit.slot():
            await asyncio.sleep(0.001)

    tasks = [asyncio.create_task(hold()) for _ in range(30)]
    await asyncio.sleep(0.003)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert limit.in_flight == 0
    await asyncio.wait_for(hold(), timeout=1)


async def test_a_model_keeps_to_its_most_requests_in_flight(serve, connect):
    server = serve(lambda _: reply("fine", delay=0.02))
    model = connect(server, max_concurrency=5)
    await asyncio.gather(*(model.complete(ask(f"q{i}")) for i in range(30)))
    assert server.most_in_flight == 5


async def test_a_model_slows_down_when_the_server_is_busy(serve, connect):
    server = serve(lambda _: error(429) if server.in_flight > 4 else reply("fine", delay=0.02))
    model = connect(server)
    await asyncio.gather(*(model.complete(ask(f"q{i}")) for i in range(60)))
    refused = sum(exchange.reply is None for exchange in server.log)
    assert refused < 60
