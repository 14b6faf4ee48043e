"""A program's syntax is read once; what is left out of the walk is what no check looks for."""

import ast
import gc

import pytest

from vpd.execution.syntax import syntax, walk
from vpd.garbage import seldom_collected

PROGRAM = """
import math
def execute_command(image, *rest, key=None, **more):
    found = {"a": 1, **more}
    for place, box in enumerate(image.find("box")):
        if box.left < 3 <= box.right and not box.exists("lid"):
            return f"{place:>{3}} {box.category!r}"
    match found:
        case {"a": None, **others} if others:
            return "none"
        case [int(x), *_] | (x):
            return str(x)
    return ", ".join(str(-each) for each in rest if each)
"""


def test_the_walk_is_that_of_ast_but_for_contexts_operators_and_imported_names():
    left_out = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.alias)
    tree = ast.parse(PROGRAM)
    assert walk(tree) == [node for node in ast.walk(tree) if not isinstance(node, left_out)]


def test_nodes_are_at_hand_by_kind():
    assert [call.lineno for call in syntax(PROGRAM).of(ast.Call)][:1] == [5]
    assert syntax(PROGRAM).of(ast.While) == []


def test_lines_end_alike():
    assert syntax("x = 1\r\ny = 2\r").text == "x = 1\ny = 2\n"


def test_what_is_no_program_is_told():
    with pytest.raises(SyntaxError):
        syntax("def")


def test_garbage_is_collected_as_before_afterwards():
    before = gc.get_threshold()
    with seldom_collected():
        assert gc.get_threshold()[0] > before[0]
    assert gc.get_threshold() == before
