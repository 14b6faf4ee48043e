"""Programs, and tools that cost 20 ms a batch and 1 ms a call, as a model on an accelerator does."""

import hashlib
import threading
import time
from collections.abc import Sequence

from vision_tools.regions import Box
from vision_tools.roles import AnswerQuery, AttributeQuery, Detection, NameQuery

BATCH_SECONDS, CALL_SECONDS = 0.020, 0.001

# Five ways to answer one question, as a language model writes them; {thing} and {other} differ by question.
PROGRAMS = (
    """def execute_command(image) -> str:
    patches = image.find("{thing}")
    return str(len(patches))
""",
    """def execute_command(image) -> str:
    things = image.find("{thing}")
    red = [patch for patch in things if patch.verify_property("{thing}", "red")]
    return str(len(red))
""",
    """def execute_command(image) -> str:
    things = image.find("{thing}")
    others = image.find("{other}")
    if not things or not others:
        return "no"
    leftmost = min(things, key=lambda patch: patch.left)
    return bool_to_yesno(all(leftmost.left < patch.left for patch in others))
""",
    """def execute_command(image) -> str:
    count = 0
    for patch in image.find("{thing}"):
        if patch.simple_query("What colour is this?") == "red":
            count += 1
    return str(count)
""",
    """def execute_command(image) -> str:
    if image.exists("{other}"):
        return image.simple_query("How many {thing}s are near the {other}?")
    return str(len(image.find("{thing}")))
""",
)


def programs(question: int) -> list[str]:
    names = ("cube", "sphere", "cone", "sign", "cylinder", "ring")
    thing, other = names[question % 6], names[(question + 1 + question // 6 % 5) % 6]
    return [program.replace("{thing}", thing).replace("{other}", other) for program in PROGRAMS]


def chance(*parts: object) -> float:
    """A number in [0, 1) that depends on the parts alone."""
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


class _Costly:
    """One device: a lock that is held while a batch is computed."""

    batch_size = 64
    identity = "simulated"

    def __init__(self, batch_seconds: float = BATCH_SECONDS, call_seconds: float = CALL_SECONDS) -> None:
        self._device = threading.Lock()
        self._batch_seconds, self._call_seconds = batch_seconds, call_seconds
        self.batches: list[int] = []

    def _compute(self, calls: int) -> None:
        with self._device:
            time.sleep(self._batch_seconds + self._call_seconds * calls)
            self.batches.append(calls)


class SimulatedDetector(_Costly):
    """Finds up to three of anything."""

    def detect(self, queries: Sequence[NameQuery]) -> Sequence[Sequence[Detection]]:
        self._compute(len(queries))
        return [self._found(query) for query in queries]

    def _found(self, query: NameQuery) -> list[Detection]:
        seed = (query.region.picture.sha256, query.region.box, query.name)
        return [
            Detection(Box(x := int(60 * chance(*seed, i)), 10, x + 20, 40), query.name, 0.9)
            for i in range(int(4 * chance(*seed)))
        ]

    def verify(self, queries: Sequence[AttributeQuery]) -> Sequence[bool]:
        self._compute(len(queries))
        return [chance(q.region.picture.sha256, q.region.box, q.attribute) < 0.5 for q in queries]


class SimulatedAnswerer(_Costly):
    def answer(self, queries: Sequence[AnswerQuery]) -> Sequence[str]:
        self._compute(len(queries))
        return [
            "red" if chance(q.region.picture.sha256, q.region.box, q.question) < 0.5 else "blue"
            for q in queries
        ]
