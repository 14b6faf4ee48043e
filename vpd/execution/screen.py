"""What is refused before anything runs: text that is no program, and programs that reach for what is forbidden."""

import ast
import re
import sys
import warnings
from typing import NamedTuple

from vpd.execution.unsupported import lacking, words
from vpd.records import ErrorInfo, Status

RESERVED = "_vpd_"
"""Names that the sandbox keeps to itself contain this."""

MODULES = words(
    "base64 binascii bisect collections copy csv dataclasses datetime decimal functools hashlib itertools json "
    "math random re time typing unicodedata __future__"
)
"""What programs may import. The interpreter has others, which reach outside; no program needs them."""

_FORBIDDEN_NAMES = words(
    "__builtins__ __import__ __loader__ __spec__ breakpoint compile delattr dir eval exec exit globals help input "
    "locals memoryview open quit vars"
)
_DANGEROUS_LIBRARIES = words("aiohttp boto3 dotenv fabric httpx paramiko psutil pycurl requests")
_HARMLESS_DUNDERS = words(
    "__name__ __doc__ __init__ __len__ __str__ __repr__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __contains__ "
    "__getitem__ __iter__ __next__ __call__ __enter__ __exit__ __abs__ __add__ __hash__ __bool__"
)
_FORMAT_FIELD = re.compile(r"\{[^{}]*\}")
_DUNDER = re.compile(r"__[A-Za-z]+__")
_MAX_DEPTH = 150


class Refusal(Exception):
    """The program does not run, and this is its outcome."""

    def __init__(self, status: Status, kind: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.status: Status = status
        self.error = ErrorInfo(type=kind, message=message, line=line)


class Parsed(NamedTuple):
    text: str
    """The program with `\\n` at the end of each line."""
    tree: ast.Module


def parse(program: str, max_chars: int) -> Parsed:
    """The syntax tree of untrusted text.

    Raises:
        Refusal: it is too long, nested too deeply, or not Python.
    """
    if len(program) > max_chars:
        raise Refusal("rejected", "SyntaxError", f"the program is longer than {max_chars} characters")
    text = program.replace("\r\n", "\n").replace("\r", "\n")
    try:
        text.encode()
        with warnings.catch_warnings():  # of escapes such as "\\d", for the user's terminal
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        raise Refusal("rejected", "SyntaxError", error.msg or "invalid syntax", error.lineno) from None
    except (ValueError, RecursionError, MemoryError) as error:  # null bytes; nesting
        message = (
            "it is nested too deeply"
            if not isinstance(error, ValueError)
            else "it holds a forbidden character"
        )
        raise Refusal("rejected", "SyntaxError", f"the program cannot be read: {message}") from None
    if _depth(tree) > _MAX_DEPTH:
        raise Refusal("rejected", "SyntaxError", "the program cannot be read: it is nested too deeply")
    return Parsed(text, tree)


def _depth(tree: ast.AST) -> int:
    level: list[ast.AST] = [tree]
    depth = 0
    while level:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        depth += 1
    return depth


def screen(tree: ast.Module) -> None:
    """Refuse what the sandbox forbids, or what its interpreter lacks.

    Raises:
        Refusal: `violation` or `unsupported`.
    """
    bound = _bound_names(tree)
    for node in ast.walk(tree):
        line: int | None = getattr(node, "lineno", None)
        for name in _identifiers(node):
            if RESERVED in name:
                raise Refusal("violation", "NameError", f"the name {name!r} is reserved", line)
        match node:
            case ast.Name(id=name) if name in _FORBIDDEN_NAMES and name not in bound:
                raise Refusal("violation", "NameError", f"{name} is not allowed in a program", line)
            case ast.Attribute(attr=name) if _is_dunder(name) and name not in _HARMLESS_DUNDERS:
                raise Refusal("violation", "AttributeError", f"{name} is not allowed in a program", line)
            case ast.Constant(value=str(text)) if RESERVED in text or _formats_a_dunder(text):
                raise Refusal(
                    "violation", "AttributeError", "a string names what programs must not reach", line
                )
            case ast.Import(names=names):
                for alias in names:
                    _screen_import(alias.name, line)
            case ast.ImportFrom(module=module, level=level):
                _screen_import("." * level + (module or ""), line)
            case _:
                pass
    if lack := lacking(tree, bound):
        raise Refusal("unsupported", "NotImplementedError", *lack)


def _bound_names(tree: ast.Module) -> frozenset[str]:
    """Names that the program binds anywhere."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return frozenset(names)


def _screen_import(module: str, line: int | None) -> None:
    top = module.partition(".")[0]
    if module in MODULES:
        return
    forbidden = top in sys.stdlib_module_names and top not in _HARMLESS_MODULES
    if forbidden or top in _DANGEROUS_LIBRARIES or module.startswith("."):
        raise Refusal("violation", "ImportError", f"import of {module!r} is not allowed in a program", line)
    raise Refusal("unsupported", "ModuleNotFoundError", f"the sandbox has no module {module!r}", line)


_HARMLESS_MODULES = words(
    "abc array asyncio calendar cmath collections colorsys contextlib difflib enum fractions graphlib heapq keyword "
    "locale numbers operator pprint statistics string textwrap types uuid warnings weakref zoneinfo"
)
"""Modules of the standard library that are harmless, and that the sandbox's interpreter does not have."""


def _formats_a_dunder(text: str) -> bool:
    """Whether `str.format` of this text would reach for a special attribute."""
    return any(_DUNDER.search(field) for field in _FORMAT_FIELD.findall(text))


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _identifiers(node: ast.AST) -> list[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
            return [name]
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.keyword(arg=name) | ast.ExceptHandler(name=name) | ast.MatchStar(name=name):
            return [name] if name else []
        case ast.MatchAs(name=name) | ast.MatchMapping(rest=name):
            return [name] if name else []
        case ast.MatchClass(kwd_attrs=names) | ast.Global(names=names) | ast.Nonlocal(names=names):
            return list(names)
        case ast.alias(name=name, asname=other):
            return [name, other or ""]
        case _:
            return []
