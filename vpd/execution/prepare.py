"""From a program's text to what a worker is fed."""

import ast
from typing import NamedTuple

from vpd.execution.entry import Argument, Entry, NoEntry, ProgramInputs, arguments, find_entry
from vpd.execution.rewrite import Rewritten, rewrite
from vpd.execution.screen import Refusal, parse, screen


class Prepared(NamedTuple):
    """A program that may run: no outcome can be told from its text alone."""

    entry: Entry
    rewritten: Rewritten

    def code(self, inputs: ProgramInputs) -> str:
        """The program, and the call of its entry point; raises as `entry_call` does."""
        return f"{self.rewritten.source}\n_vpd_end({entry_call(self.entry, inputs)})"


class Program(NamedTuple):
    """A program that has been read and screened."""

    text: str
    """With `\\n` at the end of each line."""
    tree: ast.Module
    entry: Entry


def read(program: str, max_chars: int) -> Program:
    """Parse and screen a program, and find its entry point.

    Raises:
        Refusal: it does not run; this is its outcome.
    """
    text, tree = parse(program, max_chars)
    screen(tree)
    try:
        return Program(text, tree, find_entry(tree))
    except NoEntry as error:
        raise Refusal("rejected", "EntryPoint", str(error), error.line) from None


def prepare(program: Program) -> Prepared:
    """Rewrite a program for the sandbox.

    Raises:
        Refusal: it is nested too deeply.
    """
    try:
        return Prepared(program.entry, rewrite(program.text, program.tree, program.entry.name))
    except RecursionError:
        message = "the program cannot be read: it is nested too deeply"
        raise Refusal("rejected", "SyntaxError", message) from None


def entry_call(entry: Entry, inputs: ProgramInputs) -> str:
    """The call of a program's entry point.

    Raises:
        Refusal: the entry point has a parameter that stands for nothing in `inputs`.
    """
    try:
        given = arguments(entry, inputs)
    except NoEntry as error:
        raise Refusal("rejected", "EntryPoint", str(error), error.line) from None
    positional = [parameter.arg for parameter in entry.positional]
    texts: list[str] = []
    for index, (name, argument) in enumerate(given.items()):
        in_place = index < len(positional) and positional[index] == name
        texts.append(_value(argument, inputs) if in_place else f"{name}={_value(argument, inputs)}")
    return f"{entry.name}({', '.join(texts)})"


def _value(argument: Argument, inputs: ProgramInputs) -> str:
    match argument:
        case "image":
            return "_vpd_image(0)"
        case "images":
            return f"[{', '.join(f'_vpd_image({index})' for index in range(len(inputs.images)))}]"
        case "video":
            return f"_vpd_VideoSegment(_vpd_made, 0, {len(inputs.images)})"
        case "choices" | "question":
            return f"_vpd_{argument}"
        case int():
            return f"_vpd_image({argument})"
