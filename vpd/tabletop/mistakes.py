"""The mistakes that language models make in visual programs, made on purpose.

A program with one of them may still give the right answer on some scene: that is what verification is for.
"""

import ast
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES

_WORDS: tuple[tuple[str, ...], ...] = (COLORS, MATERIALS, SHAPES, SIZES)
_SIDES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
}


class Mistake(NamedTuple):
    name: str
    make: Callable[[ast.Module, str, np.random.Generator], ast.Module | None]
    """Changes a program's tree in place; None where there is no occasion for this mistake."""


def mistaken(program: str, question: str, rng: np.random.Generator) -> tuple[str, str]:
    """A program with a mistake in it, and that mistake's name. Equal arguments give equal results."""
    for index in rng.permutation(len(MISTAKES)).tolist():
        mistake = MISTAKES[index]
        tree = mistake.make(ast.parse(program), question, rng)
        if tree is not None:
            changed = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
            if changed != ast.unparse(ast.parse(program)) + "\n":
                return changed, mistake.name
    return program, "none"


def _pick(nodes: list[ast.AST], rng: np.random.Generator) -> ast.AST | None:
    return nodes[int(rng.integers(len(nodes)))] if nodes else None


def _missing_attribute(tree: ast.Module, question: str, rng: np.random.Generator) -> ast.Module | None:
    """`find("red cube")` → `find("cube")`; a filter by `verify_property` is left out."""
    phrases = [n for n in ast.walk(tree) if _is_text(n) and len(n.value.split()) == 2]  # type: ignore[attr-defined]
    filters = [n for n in ast.walk(tree) if isinstance(n, ast.comprehension) and any(map(_verifies, n.ifs))]
    node = _pick([*phrases, *filters], rng)
    if isinstance(node, ast.Constant):
        node.value = str(node.value).split()[-1]
    elif isinstance(node, ast.comprehension):
        node.ifs = [test for test in node.ifs if not _verifies(test)]
    return tree if node is not None else None


def _wrong_side(tree: ast.Module, question: str, rng: np.random.Generator) -> ast.Module | None:
    """`<` for `>`, `max` for `min`."""
    compared = [n for n in ast.walk(tree) if isinstance(n, ast.Compare) and type(n.ops[0]) in _SIDES]
    chosen = [
        n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in ("min", "max") and _has_key(tree, n)
    ]
    node = _pick([*compared, *chosen], rng)
    if isinstance(node, ast.Compare):
        node.ops = [_SIDES.get(type(op), type(op))() for op in node.ops]
    elif isinstance(node, ast.Name):
        node.id = "max" if node.id == "min" else "min"
    return tree if node is not None else None


def _wrong_word(tree: ast.Module, question: str, rng: np.random.Generator) -> ast.Module | None:
    """Another colour, material, size or shape than the question's."""
    texts = [n for n in ast.walk(tree) if _is_text(n) and any(_kin(word) for word in n.value.split())]  # type: ignore[attr-defined]
    node = _pick(texts, rng)
    if not isinstance(node, ast.Constant):
        return None
    words = str(node.value).split()
    places = [i for i, word in enumerate(words) if _kin(word)]
    place = places[int(rng.integers(len(places)))]
    others = [word for word in _kin(words[place]) if word != words[place]]
    words[place] = others[int(rng.integers(len(others)))]
    node.value = " ".join(words)
    return tree


def _first_found(tree: ast.Module, question: str, rng: np.random.Generator) -> ast.Module | None:
    """`min(cubes, key=…)` → `cubes[0]`: whichever comes first, whatever was asked for."""

    class First(ast.NodeTransformer):
        done = False

        def visit_Call(self, node: ast.Call) -> ast.AST:
            self.generic_visit(node)
            if isinstance(node.func, ast.Name) and node.func.id in ("min", "max") and node.keywords:
                self.done = True
                return ast.Subscript(node.args[0], ast.Constant(0), ast.Load())
            return node

    first = First()
    changed = first.visit(tree)
    return changed if first.done else None


def _miscounted(tree: ast.Module, question: str, rng: np.random.Generator) -> ast.Module | None:
    """`len(cubes)` → `len(cubes) - 1`, or the correction that the question needs is forgotten."""
    corrected = [n for n in ast.walk(tree) if isinstance(n, ast.Return) and isinstance(n.value, ast.BinOp)]
    if corrected and isinstance(corrected[0].value, ast.BinOp):
        corrected[0].value = corrected[0].value.left
        return tree

    class Minus(ast.NodeTransformer):
        done = False

        def visit_Call(self, node: ast.Call) -> ast.AST:
            self.generic_visit(node)
            if isinstance(node.func, ast.Name) and node.func.id == "len" and not self.done:
                self.done = True
                return ast.BinOp(node, ast.Sub(), ast.Constant(1))
            return node

    minus = Minus()
    changed = minus.visit(tree)
    return changed if minus.done else None


def _guess(tree: ast.Module, question: str, rng: np.random.Generator) -> ast.Module | None:
    """No look at the image at all."""
    answers = [n.value for n in ast.walk(tree) if isinstance(n, ast.Return)]
    texts = [a.value for a in answers if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    answer = texts[int(rng.integers(len(texts)))] if texts else str(int(rng.integers(4)))
    return _program(tree, f"return {answer!r}")


def _ask_outright(tree: ast.Module, question: str, rng: np.random.Generator) -> ast.Module | None:
    """The whole question to the question-answering model, as if it were a simple one."""
    if (image := _argument(tree)) == "video":
        return None
    return _program(tree, f"return {image}.simple_query({question!r})")


def _invented(tree: ast.Module, question: str, rng: np.random.Generator) -> ast.Module | None:
    """A method that does not exist."""
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr in ("find", "read_text")]
    node = _pick(list[ast.AST](calls), rng)
    if not isinstance(node, ast.Attribute):
        return None
    node.attr = {"find": "find_all", "read_text": "ocr"}[node.attr]
    return tree


def _superfluous(tree: ast.Module, question: str, rng: np.random.Generator) -> ast.Module | None:
    """A condition that the question does not make."""
    if _argument(tree) == "video":
        return None
    function = tree.body[-1]
    assert isinstance(function, ast.FunctionDef)
    shape = SHAPES[int(rng.integers(len(SHAPES)))]
    answer = "no" if any(_is_text(n) and n.value in ("yes", "no") for n in ast.walk(tree)) else "0"  # type: ignore[attr-defined]
    check = f"if not {_argument(tree)}.exists({shape!r}):\n    return {answer!r}"
    function.body = [*ast.parse(check).body, *function.body]
    return tree


MISTAKES: tuple[Mistake, ...] = (
    Mistake("missing attribute", _missing_attribute),
    Mistake("wrong side", _wrong_side),
    Mistake("wrong word", _wrong_word),
    Mistake("first found", _first_found),
    Mistake("miscounted", _miscounted),
    Mistake("guess", _guess),
    Mistake("asked outright", _ask_outright),
    Mistake("invented method", _invented),
    Mistake("superfluous condition", _superfluous),
)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value.strip())


def _verifies(test: ast.expr) -> bool:
    return any(isinstance(n, ast.Attribute) and n.attr == "verify_property" for n in ast.walk(test))


def _has_key(tree: ast.Module, name: ast.Name) -> bool:
    calls = (n for n in ast.walk(tree) if isinstance(n, ast.Call) and n.func is name)
    return any(call.keywords for call in calls)


def _kin(word: str) -> tuple[str, ...]:
    """The words of the same kind: the colours of a colour."""
    return next((words for words in _WORDS if word in words), ())


def _argument(tree: ast.Module) -> str:
    function = tree.body[-1]
    assert isinstance(function, ast.FunctionDef)
    return function.args.args[0].arg


def _program(tree: ast.Module, body: str) -> ast.Module:
    function = tree.body[-1]
    assert isinstance(function, ast.FunctionDef)
    function.body = ast.parse(body).body
    return tree
