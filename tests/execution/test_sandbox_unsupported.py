"""Each limitation of the sandbox's Python: correct programs that end as `unsupported`, never with a wrong answer."""

import pytest

from tests.execution.running import run
from tests.execution.test_sandbox_faults import body
from vpd.execution.sandbox import Sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITATIONS = {
    "class_inheritance": "class A:\n    pass\nclass B(A):\n    pass\nreturn 'yes'",
    "own_exception_class": "class Missing(Exception):\n    pass\nraise Missing()",
    "metaclass": "class A(metaclass=type):\n    pass\nreturn 'yes'",
    "property": "class A:\n    @property\n    def x(self): return 1\nreturn A().x",
    "staticmethod": "class A:\n    @staticmethod\n    def x(): return 1\nreturn A.x()",
    "slots": "class A:\n    __slots__ = ()\nreturn 'yes'",
    "special_method_lt": "class A:\n    def __lt__(self, other): return True\nreturn A() < A()",
    "special_method_len": "class A:\n    def __len__(self): return 3\nreturn len(A())",
    "special_method_bool": "class A:\n    def __bool__(self): return False\nreturn 'yes' if A() else 'no'",
    "special_method_getattr": "class A:\n    def __getattr__(self, name): return name\nreturn A().x",
    "yield": "def numbers():\n    yield 1\nreturn list(numbers())",
    "yield_from": "def numbers():\n    yield from [1]\nreturn list(numbers())",
    "async": "async def f():\n    return 1\nreturn f()",
    "del": "xs = [1, 2]\ndel xs[0]\nreturn xs",
    "except_star": "try:\n    x = 1\nexcept* ValueError:\n    x = 2\nreturn x",
    "import_star": "x = 1\nreturn x",
    "matrix_multiplication_in_place": "x = 1\nx @= 2\nreturn x",
    "module_numpy": "import numpy as np\nreturn np.mean([1, 2])",
    "module_statistics": "import statistics\nreturn statistics.mean([1, 2])",
    "module_operator": "from operator import itemgetter\nreturn max([[1]], key=itemgetter(0))",
    "name_in_a_module": "from functools import cmp_to_key\nreturn sorted([2, 1], key=cmp_to_key(lambda a, b: a - b))",
    "builtin_callable": "return callable(len)",
    "builtin_issubclass": "return issubclass(bool, int)",
    "builtin_bytearray": "return len(bytearray(3))",
    "builtin_exception": "raise UserWarning('x')",
    "set_update_methods": "s = {1, 2}\ns.intersection_update({2})\nreturn len(s)",
    "str_translate": "return 'abc'.translate({97: 'b'})",
    "float_is_integer": "return (2.0).is_integer()",
    "method_of_a_builtin_as_a_value": "find = 'abc'.find\nreturn find('c')",
    "method_of_a_builtin_type": "return str.lower('A')",
    "tool_call_in_a_replacement": "return re.sub('a', lambda m: image.simple_query('x'), 'banana')",
    "tool_call_in_a_default_factory": (
        "from collections import defaultdict\nd = defaultdict(lambda: image.simple_query('x'))\nreturn d['a']"
    ),
    "tool_call_in_repr": (
        "class A:\n    def __repr__(self): return image.simple_query('x')\nreturn f'{A()}'"
    ),
    "tool_call_in_an_iterator": (
        "class A:\n    def __iter__(self): return self\n    def __next__(self): return image.find('x')[5]\n"
        "return [x for x in A()]"
    ),
}


@pytest.mark.parametrize("name", LIMITATIONS)
async def test_limitation(sandbox: Sandbox, name: str) -> None:
    program = body(LIMITATIONS[name])
    if name == "import_star":
        program = "from math import *\n" + program
    outcome = await run(sandbox, program)
    assert outcome.status == "unsupported", outcome
    assert outcome.error
    assert outcome.error.message


@pytest.mark.parametrize(
    "name",
    [name for name in LIMITATIONS if name not in ("import_star", "except_star", "own_exception_class")],
)
async def test_limitation_cannot_be_caught(sandbox: Sandbox, name: str) -> None:
    inner = body(LIMITATIONS[name]).replace("def execute_command(image)", "def attempt(image)")
    handlers = [
        "except:",
        "except Exception:",
        "except (ValueError, Exception) as e:",
        "except (BaseException):",
    ]
    caught = f"try:\n    return attempt(image)\n{handlers[len(name) % 4]}\n    return 'no'"
    outcome = await run(sandbox, f"{inner}\n{body(caught)}")
    assert (outcome.status, outcome.answer) == ("unsupported", None)


async def test_a_generator_expression_that_is_kept_runs_at_once(sandbox: Sandbox) -> None:
    # CPython prints 1 here: the second element is never asked for. Left early at once (`any`, `all`, `next`), it is
    # lazy as it should be.
    text = "seen = []\nxs = (seen.append(x) for x in [1, 2])\nnext(xs)\nreturn len(seen)"
    assert (await run(sandbox, body(text))).answer == "2"


async def test_sets_are_in_order_of_insertion(sandbox: Sandbox) -> None:
    # CPython's order hangs on the hashes of the strings, which change from process to process.
    assert (await run(sandbox, body("return [x for x in {'b', 'c', 'a'}]"))).answer == "b, c, a"


async def test_an_empty_match_right_after_another_is_left_out(sandbox: Sandbox) -> None:
    # CPython finds two: 'x', and the empty text after it.
    assert (await run(sandbox, body("return len(re.findall('x*', 'x'))"))).answer == "1"


async def test_annotations_are_not_evaluated(sandbox: Sandbox) -> None:
    program = "def execute_command(image: Image) -> List[str]:\n    x: Missing = 1\n    return x"
    assert (await run(sandbox, program)).answer == "1"


async def test_a_recursion_error_may_be_caught_as_in_cpython(sandbox: Sandbox) -> None:
    text = "def f(n): return f(n + 1)\ntry:\n    return f(0)\nexcept RecursionError:\n    return 'too deep'"
    assert (await run(sandbox, body(text))).answer == "too deep"
