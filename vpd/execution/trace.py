"""From what the sandbox reports to the steps of an execution."""

import json

from vpd.execution.calls import ApiCall, ApiValue
from vpd.execution.geometry import Size
from vpd.execution.limits import Limits
from vpd.execution.protocol import Encoded, result_json, value_json
from vpd.execution.rewrite import Site
from vpd.records import Json, Step


class Trace:
    """The steps of one program, the first `trace_steps` of them; the rest are counted."""

    def __init__(self, sites: tuple[Site, ...], sizes: tuple[Size, ...], limits: Limits) -> None:
        self._sites = sites
        self._sizes = sizes
        self._limits = limits
        self._steps: list[Step] = []
        self._seen = 0

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(self._steps)

    @property
    def dropped(self) -> int:
        return self._seen - len(self._steps)

    def values(self, reported: list[tuple[int, Encoded]]) -> None:
        """Add values that the program bound, branched on or returned."""
        for index, encoded in reported:
            site = self._sites[index]
            if self._room():
                value = self._shorten(value_json(encoded, self._sizes))
                self._steps.append(
                    Step(
                        kind=site.kind,
                        line=site.line,
                        expression=site.expression,
                        name=site.name,
                        value=value,
                    )
                )

    def unreported(self, count: int) -> None:
        """Count values that the sandbox left out itself."""
        self._seen += count

    def call(self, index: int, call: ApiCall, result: ApiValue, error: str | None) -> None:
        """Add a call of a tool."""
        if not self._room():
            return
        site = self._sites[index]
        self._steps.append(
            Step(
                kind="call",
                line=site.line,
                expression=site.expression,
                tool=call.method,
                image=call.patch.image if call.patch else None,
                region=call.patch.box if call.patch else None,
                arguments={name: self._shorten(result_json(value)) for name, value in call.arguments.items()},
                result=self._shorten(result_json(result)),
                error=error,
            )
        )

    def _room(self) -> bool:
        self._seen += 1
        return len(self._steps) < self._limits.trace_steps

    def _shorten(self, value: Json) -> Json:
        return shorten(value, self._limits.trace_value_chars)


def shorten(value: Json, chars: int) -> Json:
    """The value itself if its JSON is at most `chars` long, else as much of its beginning as fits."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value if len(value) <= chars else value[: chars - 1] + "…"
    if len(json.dumps(value, ensure_ascii=False)) <= chars:
        return value
    if isinstance(value, list):
        kept: list[Json] = []
        for item in value:
            kept.append(shorten(item, chars))
            chars -= len(json.dumps(kept[-1], ensure_ascii=False)) + 2
            if chars < 16:
                kept.pop()
                break
        return [*kept, f"… {len(value) - len(kept)} more"]
    short: dict[str, Json] = {}
    for key, item in value.items():
        short[key] = shorten(item, chars)
        chars -= len(json.dumps({key: short[key]}, ensure_ascii=False))
        if chars < 16:
            del short[key]
            break
    return {**short, "…": f"{len(value) - len(short)} more"}
