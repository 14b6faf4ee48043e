"""What passes between the sandbox and the tools: one typed call out, one JSON value back."""

from dataclasses import dataclass
from typing import Protocol

from vpd.records import Json


@dataclass(frozen=True, slots=True)
class Patch:
    """A region of one of the example's images, in whole pixels, origin top left."""

    image: int
    box: tuple[int, int, int, int]
    category: str = ""
    confidence: float = 1.0


ApiValue = Json | Patch | list[Patch]


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call of the program API that needs a tool, e.g. `find`."""

    method: str
    patch: Patch | None
    """The patch the method was called on; None for module-level functions such as `llm_query`."""
    arguments: dict[str, ApiValue]


class ToolFailure(Exception):
    """A tool did not answer; the program ends as `tool_error` with this message."""


class ProgramHost(Protocol):
    """Answers the calls of one running program."""

    async def call(self, call: ApiCall) -> ApiValue:
        """The call's value, as the program receives it.

        Raises:
            ToolFailure: the tool failed, timed out, answered nonsense, or nobody configured it.
            TypeError: an argument is not what the program API asks for; the program sees this exception.
        """
        ...
