"""Correct Python that the sandbox's interpreter cannot express, each with a test of its name (`docs/sandbox.md`).

What would silently do something else, or could be caught by the program itself, is found in its text before it runs;
the rest is told by the exception that the interpreter raises.
"""

import ast
import builtins
import re


def words(text: str) -> frozenset[str]:
    """Names that are separated by spaces."""
    return frozenset(text.split())


_SPECIAL_METHODS = words(
    "__abs__ __add__ __call__ __contains__ __doc__ __enter__ __eq__ __exit__ __float__ __getitem__ __hash__ __index__ "
    "__init__ __int__ __iter__ __matmul__ __mul__ __ne__ __neg__ __next__ __or__ __post_init__ __radd__ __repr__ "
    "__rmul__ __round__ __setitem__ __str__ __sub__ __truediv__"
)
"""Those that the interpreter calls; it silently ignores some of the others."""

_NAMES = words(
    "BaseExceptionGroup BlockingIOError BrokenPipeError BufferError BytesWarning ChildProcessError "
    "ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError "
    "EncodingWarning EnvironmentError ExceptionGroup FloatingPointError FutureWarning GeneratorExit IOError "
    "ImportWarning IndentationError InterruptedError PendingDeprecationWarning ProcessLookupError ReferenceError "
    "ResourceWarning RuntimeWarning StopAsyncIteration SyntaxWarning SystemError TabError UnicodeError "
    "UnicodeTranslateError UnicodeWarning UserWarning Warning aiter anext ascii bytearray callable classmethod "
    "copyright credits issubclass license staticmethod super"
)
"""Builtins that the interpreter lacks."""

_METHODS = words(
    "as_integer_ratio bit_count bit_length conjugate difference_update format_map from_bytes fromhex "
    "intersection_update is_integer maketrans symmetric_difference_update to_bytes translate"
)
"""Methods of builtin types that the interpreter lacks, and that are called nothing else."""

_TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (str, bytes, int, float, list, tuple, dict, set, frozenset, range, BaseException)
}

_LACKS = (
    r"The monty syntax parser does not yet support",
    r"is not yet supported",
    r"does not yet support",
    r"are not supported$",
    r"cannot suspend",
    r"Internal error in monty",
    r"No module named",
    r"cannot import name",
)
_NO_ATTRIBUTE = re.compile(r"(?:type object )?'(\w+)'(?: object)? has no attribute '(\w+)'")
_NO_NAME = re.compile(r"name '(\w+)' is not defined")


def lacking(tree: ast.Module, bound: frozenset[str]) -> tuple[str, int] | None:
    """What the program needs and the interpreter lacks, with its line; None if nothing is known to be lacking.

    Args:
        tree: the program.
        bound: the names it binds itself.
    """
    for node in ast.walk(tree):
        parts = node.body if isinstance(node, ast.ClassDef) else []
        for part, found in [(node, _lacking(node, bound)), *((part, _in_class(part)) for part in parts)]:
            if found:
                return f"the sandbox's Python has no {found}", getattr(part, "lineno", 1)
    return None


def _lacking(node: ast.AST, bound: frozenset[str]) -> str | None:
    match node:
        case ast.ClassDef() if node.bases or node.keywords:
            return "class inheritance"
        case ast.Yield() | ast.YieldFrom():
            return "generators (yield)"
        case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
            return "asynchronous functions"
        case ast.Delete():
            return "del statement"
        case ast.TryStar():
            return "exception groups (except*)"
        case ast.Name(id=name) if name in _NAMES and name not in bound:
            return f"builtin {name}"
        case ast.Attribute(attr=name) if name in _METHODS and name not in bound:
            return f"method {name}()"
        case ast.AugAssign(op=ast.MatMult()):
            return "operator @="
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            return "from … import *"
        case _:
            return None


def _in_class(statement: ast.stmt) -> str | None:
    match statement:
        case ast.FunctionDef(name=name) if statement.decorator_list:
            return "decorated methods"
        case ast.FunctionDef(name=name) if name[:2] == name[-2:] == "__" and name not in _SPECIAL_METHODS:
            return f"special method {name}()"
        case ast.Assign(targets=[ast.Name(id="__slots__")]):
            return "__slots__"
        case _:
            return None


def tells_of_lack(kind: str, message: str) -> bool:
    """Whether an exception says that the interpreter lacks something, and not that the program is wrong."""
    if kind == "AttributeError" and (found := _NO_ATTRIBUTE.match(message)):
        return hasattr(_TYPES.get(found[1]), found[2])
    if kind == "NameError" and (found := _NO_NAME.match(message)):
        return hasattr(builtins, found[1])
    return any(re.search(lack, message) for lack in _LACKS)
