"""The type checker's view of a program: what would raise an exception wherever it is reached.

The interpreter brings a type checker (ty), which holds the program against `programs/api.pyi`. Not every complaint
is a fault: real programs return a bool where they promised a string, or forget `import List`, and run. Fatal are
names, attributes and methods that do not exist, and calls that cannot be made.
"""

import ast
import builtins
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic_monty import AsyncMonty, AsyncMontySession, MontyCrashedError, MontyError, MontyTypingError

from vpd.execution.edits import Edits
from vpd.execution.prepare import Program
from vpd.resources import resource

_CHECKS_PER_SESSION = 500


class Fault(NamedTuple):
    """A place in a program that cannot run."""

    line: int
    rule: str
    """The type checker's name for it, e.g. `unresolved-attribute`."""
    message: str


class TypeChecker:
    """A worker's session that stays open: later checks take a sixteenth of the first one's time."""

    def __init__(self, pool: AsyncMonty) -> None:
        self._pool = pool
        self._session: AsyncMontySession | None = None
        self._checks = 0

    async def faults(self, program: Program) -> list[Fault]:
        """What cannot run, by line.

        Raises:
            MontyCrashedError: the worker died, or took longer than its pool allows.
        """
        context = _Context(program)
        found = [context.fault(each) for each in await self._diagnostics(_with_types(program))]
        return sorted(fault for fault in found if fault is not None)

    async def close(self) -> None:
        """Give the worker back; the next check opens another session."""
        if self._session is not None:
            await self._session.__aexit__(None, None, None)
        self._session = None
        self._checks = 0

    async def _diagnostics(self, text: str) -> list[dict[str, Any]]:
        if self._checks == _CHECKS_PER_SESSION:
            await self.close()
        if self._session is None:
            session = self._pool.checkout(
                type_check=True,
                type_check_stubs=resource("programs", "api.pyi").read_text("utf-8"),
                type_check_format="json",
            )
            await session.__aenter__()
            self._session = session
        self._checks += 1
        try:
            # The first line names what nobody defines: the check always ends in an error, before anything runs.
            await self._session.feed_start(f"_vpd_never_defined\n{text}")
        except MontyTypingError as error:
            return json.loads(error.display())
        except MontyCrashedError:
            self._session = None
            raise
        except MontyError:
            return []  # syntax that the interpreter refuses; running the program will say so
        raise AssertionError("the type checker overlooked an undefined name")


_FIRST_PARAMETER = {
    "image": "ImagePatch",
    "image_patch": "ImagePatch",
    "img": "ImagePatch",
    "video": "VideoSegment",
    "images": "list[ImagePatch]",
}


def _with_types(program: Program) -> str:
    """The program with its entry point's first parameter annotated, so that more is known of what follows."""
    parameters = program.entry.positional
    if not parameters or parameters[0].annotation is not None or parameters[0].arg not in _FIRST_PARAMETER:
        return program.text
    edits = Edits(program.text.encode())
    edits.after(edits.span(parameters[0])[1], f": {_FIRST_PARAMETER[parameters[0].arg]}")
    return edits.apply()[0]


_NO_NAME = re.compile(r"Name `(\w+)` used when not defined")
_NO_ATTRIBUTE = re.compile(r"Object of type `([\w.]+)(?:\[.*\])?` has no attribute `(\w+)`")
_NOT_ITERABLE = re.compile(r"Object of type `(ImagePatch|VideoSegment|int|float|bool)` is not iterable")
_WRONG_ARGUMENT = re.compile(
    r"Argument to (?:bound method |function )?`([\w.]+)` is incorrect: Expected `(.+)`, found `(.+)`"
)
_WRONG_CALL = frozenset(
    {
        "call-non-callable",
        "missing-argument",
        "parameter-already-assigned",
        "too-many-positional-arguments",
        "unknown-argument",
    }
)
_API_CALL = re.compile(r"(?:ImagePatch|VideoSegment)\.\w+|llm_query|best_image_match")
# What the prelude refuses with a TypeError, by the type it expects.
_CANNOT_BE = {
    "str": re.compile(
        r"(?:list|dict|set|tuple)\[|ImagePatch$|VideoSegment$|int$|float$|bool$|Literal\[(?:\d|True|False)"
    ),
    "float": re.compile(r"(?:list|dict|set|tuple)\[|ImagePatch$|VideoSegment$|str$|Literal\[[\"']"),
}
_GIVEN = frozenset({"math", "re"})
"""Modules that the prelude imports for every program."""

_BUILTINS = {"str": str, "list": list, "dict": dict, "set": set, "tuple": tuple, "int": int, "float": float}


class _Context:
    """What must be known of a program to judge the type checker's complaints about it."""

    def __init__(self, program: Program) -> None:
        nodes = list(ast.walk(program.tree))
        self._annotations = [span for node in nodes for span in _annotation_spans(node)]
        self._stored = {
            node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        }

    def fault(self, diagnostic: dict[str, Any]) -> Fault | None:
        line, column = diagnostic["location"]["row"] - 1, diagnostic["location"]["column"]
        rule, message = diagnostic["code"], diagnostic["message"]
        if line < 1 or not self._fatal(rule, message, line, column):
            return None
        return Fault(line, rule, message)

    def _fatal(self, rule: str, message: str, line: int, column: int) -> bool:
        if rule in _WRONG_CALL:
            return True
        match rule:
            case "unresolved-reference":
                found = _NO_NAME.match(message)
                return found is not None and not (
                    hasattr(builtins, found[1]) or found[1] in _GIVEN or self._in_annotation(line, column)
                )
            case "unresolved-attribute":
                # Of a union, another member may have it: only plain types are sure.
                found = _NO_ATTRIBUTE.match(message)
                return found is not None and not (
                    found[2] in self._stored or hasattr(_BUILTINS.get(found[1], object), found[2])
                )
            case "invalid-argument-type":
                found = _WRONG_ARGUMENT.match(message)
                if found is None or _API_CALL.fullmatch(found[1]) is None:
                    return False
                cannot = _CANNOT_BE.get(found[2].removesuffix(" | None"))
                return cannot is not None and cannot.match(found[3]) is not None
            case "not-iterable":
                return _NOT_ITERABLE.match(message) is not None
            case _:
                return False

    def _in_annotation(self, line: int, column: int) -> bool:
        return any(start <= (line, column) <= end for start, end in self._annotations)


def _annotation_spans(node: ast.AST) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Where annotations stand, from line and column (from 1) to line and column; nothing evaluates them."""
    for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
        if isinstance(annotation, ast.expr):
            yield (
                (annotation.lineno, annotation.col_offset + 1),
                (annotation.end_lineno or 0, annotation.end_col_offset or 0),
            )
