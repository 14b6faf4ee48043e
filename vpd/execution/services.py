"""The tool calls that the program API is made of: how each reaches its role, and what a sane result is."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from vision_tools.regions import Box, Region
from vision_tools.roles import (
    AnswerQuery,
    AttributeQuery,
    Detection,
    KnowledgeQuery,
    NameQuery,
    TextLine,
    TextsQuery,
    Tool,
)
from vpd.records import Json

Service = Literal["detector", "attributes", "scorer", "depth", "reader", "answerer", "knowledge"]

Query = NameQuery | AttributeQuery | TextsQuery | AnswerQuery | KnowledgeQuery | Region

_MAX_TEXT = 100_000


@dataclass(frozen=True, slots=True)
class Kind:
    """How a role is called: its batch method, and the result as a JSON value that a cache can hold."""

    method: str
    encode: Callable[[Any, Query], Json]
    """Raises `ValueError`, `TypeError` or `AttributeError` where a tool's result is nonsense."""

    def send(self, tool: Tool, queries: Sequence[Query]) -> list[Any]:
        """Ask the tool; blocks.

        Raises:
            ValueError: there are not as many results as queries.
        """
        results = list(cast("Sequence[Any]", getattr(tool, self.method)(queries)))
        if len(results) != len(queries):
            raise ValueError(f"gave {len(results)} results for {len(queries)} calls")
        return results


def describe(query: Query) -> tuple[str, ...]:
    """Everything of a query that its result depends on."""
    if isinstance(query, Region):
        return (query.picture.sha256, str(query.box))
    region = getattr(query, "region", None)
    rest = [value for name, value in query._asdict().items() if name != "region"]
    where = describe(region) if isinstance(region, Region) else ()
    return (*where, json.dumps(rest, ensure_ascii=False))


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} is not a finite number")
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text, not {type(value).__name__}")
    return value[:_MAX_TEXT]


def _box(value: Any) -> list[Json]:
    box = Box(*(_number(part) for part in value))
    if box.x2 < box.x1 or box.y2 < box.y1:
        raise ValueError(f"{tuple(box)} is not a box")
    return list(box)


def _detections(result: Sequence[Detection], query: Query) -> Json:
    return [[_box(each.box), _text(each.label), _number(each.score)] for each in result]


def _lines(result: Sequence[TextLine], query: Query) -> Json:
    return [[_text(each.text), _box(each.box), _number(each.score)] for each in result]


def _truth(result: Any, query: Query) -> Json:
    if result not in (True, False):
        raise TypeError(f"expected true or false, not {type(result).__name__}")
    return bool(result)


def _scores(result: Sequence[float], query: Query) -> Json:
    scores: list[Json] = [_number(score) for score in result]
    if isinstance(query, TextsQuery) and len(scores) != len(query.texts):
        raise ValueError(f"gave {len(scores)} scores for {len(query.texts)} texts")
    return scores


KINDS: dict[Service, Kind] = {
    "detector": Kind("detect", _detections),
    "attributes": Kind("verify", _truth),
    "scorer": Kind("score", _scores),
    "depth": Kind("depth", lambda result, query: _number(result)),
    "reader": Kind("read", _lines),
    "answerer": Kind("answer", lambda result, query: _text(result)),
    "knowledge": Kind("know", lambda result, query: _text(result)),
}
