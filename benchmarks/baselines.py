"""How research code runs programs: `exec` in the model's own process, one at a time or in a pool of threads.

The programs here are this benchmark's own; never run a language model's programs like this.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from benchmarks.workload import SimulatedAnswerer, SimulatedDetector
from vision_tools.regions import Picture, Region
from vision_tools.roles import AnswerQuery, AttributeQuery, NameQuery


@dataclass
class DirectPatch:
    """The program API, each call a batch of one."""

    detector: SimulatedDetector
    answerer: SimulatedAnswerer
    region: Region

    @property
    def left(self) -> int:
        return self.region.box[0]

    def find(self, name: str) -> list["DirectPatch"]:
        [found] = self.detector.detect([NameQuery(self.region, name)])
        return [
            DirectPatch(self.detector, self.answerer, Region(self.region.picture, tuple(map(int, each.box))))
            for each in found
        ]

    def exists(self, name: str) -> bool:
        return bool(self.find(name))

    def verify_property(self, name: str, attribute: str) -> bool:
        return self.detector.verify([AttributeQuery(self.region, name, attribute)])[0]

    def simple_query(self, question: str) -> str:
        return self.answerer.answer([AnswerQuery(self.region, question)])[0]


def run_directly(
    work: Sequence[tuple[Picture, str]],
    detector: SimulatedDetector,
    answerer: SimulatedAnswerer,
    threads: int,
) -> list[Any]:
    """Every program by `exec`, in `threads` threads; what crashes is answered by None."""

    def one(item: tuple[Picture, str]) -> Any:
        picture, program = item
        names: dict[str, Any] = {"bool_to_yesno": lambda value: "yes" if value else "no"}
        try:
            exec(program, names)
            return names["execute_command"](
                DirectPatch(detector, answerer, Region(picture, (0, 0, 100, 100)))
            )
        except Exception:  # noqa: BLE001 - as the research code does
            return None

    if threads == 1:
        return [one(item) for item in work]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, work))
