"""What a command of `vpd` said."""

from typing import NamedTuple


class Said(NamedTuple):
    status: int
    output: str
    errors: str


def cells(said: Said, first: str) -> list[str]:
    """The line of a printed table that begins with this cell."""
    lines = (line.split() for line in said.output.splitlines())
    return next(line for line in lines if line[:1] == [first])
