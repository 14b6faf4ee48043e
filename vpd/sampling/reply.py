"""From a language model's reply to the program in it."""

import ast
import re
import textwrap
from typing import NamedTuple

ENTRY = "execute_command"

_REASONING = re.compile(r"<(/?)(?:think|thinking|reasoning|scratchpad|analysis)>", re.IGNORECASE)
_FENCE = re.compile(
    r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE
)
_CODE_LANGUAGES = {"", "python", "py", "python3"}
_STARTS_CODE = re.compile(r"^(def|async def|import|from|class|@)\b|^@", re.MULTILINE)
# A reply may hold a long reasoning; reading what is left takes up to this often parsing it.
_MAX_CHARS, _MAX_CODE, _MAX_PARSES = 1_000_000, 20_000, 50


class Reply(NamedTuple):
    """What a reply holds: a program, or the reason why there is none."""

    program: str
    problem: str | None = None


def read_reply(text: str, finish_reason: str = "stop") -> Reply:
    """The program in a reply, as the function `execute_command`.

    Understands fenced and bare code, reasoning tags, prose around the code, several code blocks, helpers, another
    name for the function, and a reply that goes on with the function's body where the prompt ended with its head.
    """
    if len(text) > _MAX_CHARS:
        return Reply("", f"the reply is longer than {_MAX_CHARS:,} characters")
    said = _without_reasoning(text.replace("\r\n", "\n"))
    if said is None:
        return Reply("", "the reply ends within its reasoning; raise max_tokens")
    for code in _blocks(said):
        program = _as_program(code) if len(code) <= _MAX_CODE else None
        if program is not None:
            return Reply(program)
    if len(said) > _MAX_CODE:
        return Reply("", f"the reply is longer than {_MAX_CODE:,} characters")
    if finish_reason == "length":
        return Reply("", "the reply was cut off before its program was complete; raise max_tokens")
    return Reply("", "the reply holds no Python function")


def _without_reasoning(text: str) -> str | None:
    """None where the reasoning never ends."""
    kept: list[str] = []
    begin, reasoning = 0, False
    for tag in _REASONING.finditer(text):
        if tag[1] and not reasoning:
            # Some chat templates put the opening tag into the prompt, so that the reply only closes it.
            kept.clear()
        elif not reasoning:
            kept.append(text[begin : tag.start()])
        begin, reasoning = tag.end(), not tag[1]
    return None if reasoning else "".join(kept) + text[begin:]


def _blocks(text: str) -> list[str]:
    """Pieces that may be the program, the likeliest first."""
    fenced = [code for _, language, code in _FENCE.findall(text) if language.lower() in _CODE_LANGUAGES]
    # A model that corrects itself does so at the end.
    fenced.reverse()
    fenced.sort(key=lambda code: f"def {ENTRY}" not in code)
    bare = [text[start:] for start in [_start(text)] if start is not None]
    return [*fenced, *bare, *([text] if not fenced else [])]


def _start(text: str) -> int | None:
    found = _STARTS_CODE.search(text)
    return found.start() if found else None


def _as_program(code: str) -> str | None:
    code = textwrap.dedent(code).strip("\n")
    tree, program = _longest_prefix(code)
    if tree is None or not any(isinstance(node, ast.FunctionDef) for node in tree.body):
        return _from_body(code)
    return _named(_without_use(program, tree))


def _longest_prefix(code: str) -> tuple[ast.Module | None, str]:
    """The most lines from the top that are Python: prose may follow the code."""
    lines = code.split("\n")
    end = len(lines)
    for _ in range(_MAX_PARSES):
        part = "\n".join(lines[:end])
        try:
            return ast.parse(part), part
        except SyntaxError as error:
            # Nothing that ends after the offending line can be right.
            end = min(end - 1, max(error.lineno or end, 1))
        except (ValueError, RecursionError, MemoryError):
            break
        if end == 0:
            break
    return None, code


def _from_body(code: str) -> str | None:
    """A function's body without its head."""
    if not re.search(r"^\s*return\b", code, re.MULTILINE):
        return None
    # The first line may have lost its indentation at the end of the prompt.
    head, _, rest = code.partition("\n")
    body = textwrap.dedent(head) + ("\n" + textwrap.dedent(rest) if rest else "")
    tree, program = _longest_prefix(f"def {ENTRY}(image):\n{textwrap.indent(body, '    ')}")
    return program if tree is not None and any(isinstance(n, ast.Return) for n in ast.walk(tree)) else None


def _without_use(code: str, tree: ast.Module) -> str:
    """Without statements that try the program out, such as `print(execute_command(image))`, and without words
    of prose that happen to be expressions."""
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    lines = code.split("\n")
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)):
            continue
        names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        if isinstance(node, ast.Expr) or names & (functions | {"__name__", "image"}):
            last = node.end_lineno or node.lineno
            lines[node.lineno - 1 : last] = [""] * (last - node.lineno + 1)
    return "\n".join(lines).strip("\n") + "\n"


def _named(code: str) -> str:
    """With the function that no other calls named `execute_command`, where none is."""
    tree = ast.parse(code)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if any(function.name == ENTRY for function in functions):
        return code
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    roots = [function for function in functions if function.name not in called]
    if not roots:
        return code
    main = roots[-1]
    lines = code.split("\n")
    lines[main.lineno - 1] = re.sub(
        rf"\bdef\s+{main.name}\b", f"def {ENTRY}", lines[main.lineno - 1], count=1
    )
    return "\n".join(lines)
