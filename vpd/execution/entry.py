"""Which function of a program is run, and with what."""

import ast
from dataclasses import dataclass
from typing import Literal, NamedTuple

Argument = Literal["image", "images", "video", "choices", "question"] | int
"""What a parameter receives; a number stands for the image of that index."""

_CHOICES = frozenset({"possible_answers", "choices", "options", "candidates", "answers", "possible_choices"})
_QUESTION = frozenset({"query", "question", "query_text", "question_text"})
_IMAGES = frozenset({"images", "image_list", "list_images", "image_patches", "patches", "frames"})


@dataclass(frozen=True, slots=True)
class ProgramInputs:
    """What a program is run on."""

    images: tuple[tuple[int, int], ...]
    """Width and height of each image, or of each frame of the video, in pixels."""
    question: str = ""
    choices: tuple[str, ...] = ()
    video: bool = False


class Entry(NamedTuple):
    """The function to run."""

    name: str
    positional: tuple[ast.arg, ...]
    required: int
    """How many of the positional parameters have no default."""
    keyword_only: tuple[str, ...]
    """Those without default."""
    line: int


class NoEntry(Exception):
    """The program has no function that can be run: why, and the line."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def find_entry(tree: ast.Module) -> Entry:
    """The program's `execute_command`, or its only function if that takes the image alone.

    Raises:
        NoEntry: there is no such function.
    """
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    named = [node for node in functions if node.name == "execute_command"]
    if named:
        return _entry(named[-1])
    if not functions:
        raise NoEntry("the program defines no function; it must define execute_command(image)")
    if len(functions) > 1:
        names = ", ".join(node.name for node in functions)
        raise NoEntry(f"none of the functions {names} is called execute_command", functions[0].lineno)
    entry = _entry(functions[0])
    if entry.required > 1 or entry.keyword_only:
        raise NoEntry(
            f"{entry.name}() needs more than the image; the function that is run must be execute_command(image)",
            entry.line,
        )
    return entry


def _entry(node: ast.FunctionDef) -> Entry:
    positional = (*node.args.posonlyargs, *node.args.args)
    required = len(positional) - len(node.args.defaults)
    pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    keyword_only = tuple(parameter.arg for parameter, default in pairs if default is None)
    return Entry(node.name, positional, required, keyword_only, node.lineno)


def arguments(entry: Entry, inputs: ProgramInputs) -> dict[str, Argument]:
    """What each parameter of the entry point receives, in order.

    The first is the image (several images: their list; a video: the video), unless its name says otherwise;
    then come the possible answers and the question, by name or in ViperGPT's order.

    Raises:
        NoEntry: a parameter without default stands for nothing that a program is given.
    """
    names = [parameter.arg for parameter in entry.positional]
    several = not inputs.video and len(inputs.images) > 1
    if several and entry.required == len(inputs.images) and not any(map(_by_name, names)):
        return {name: index for index, name in enumerate(names[: entry.required])}
    given: dict[str, Argument] = {}
    in_order: list[Argument] = ["choices", "question"]
    for index, name in enumerate((*names, *entry.keyword_only)):
        meaning = _by_name(name)
        if index == 0 and meaning not in ("choices", "question"):
            given[name] = "video" if inputs.video else "images" if several or name in _IMAGES else "image"
        elif meaning is not None:
            given[name] = meaning
            if meaning in in_order:
                in_order.remove(meaning)
        elif index < entry.required or name in entry.keyword_only:
            if not in_order:
                raise NoEntry(f"nothing is known to give to parameter {name!r} of {entry.name}()", entry.line)
            given[name] = in_order.pop(0)
    return given


def _by_name(name: str) -> Literal["choices", "question"] | None:
    return "choices" if name in _CHOICES else "question" if name in _QUESTION else None
