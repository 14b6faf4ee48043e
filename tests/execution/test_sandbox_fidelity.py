"""The sandbox runs real programs as CPython does. The whole of them: `python -m benchmarks fidelity`."""

import pytest

from benchmarks.fidelity import DATA, causes, differences, in_cpython, in_sandbox, load
from benchmarks.reference.cpython import run as run_in_cpython
from benchmarks.reference.stub_tools import SIZES, StubHost
from tests.execution.test_sandbox_faults import body
from vpd.execution.sandbox import ProgramInputs, Sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEEDS = (0, 1)

SNIPPETS = [
    "fs = [lambda: i for i in range(3)]\nreturn [f() for f in fs]",
    "def f(x, seen=[]):\n    seen.append(x)\n    return len(seen)\nf(1)\nreturn f(2)",
    "x = 5\nreturn [1 < x < 10 > 3, -7 // 2, -7 % 3, 7 % -3, -7.5 // 2, 2 ** -1]",
    "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    return str(e)\nfinally:\n    x = 1",
    "def f():\n    try:\n        return 1\n    finally:\n        return 2\nreturn f()",
    "for i in range(3):\n    if i == 5: break\nelse:\n    return f'none up to {i}'",
    "return f'{3.14159:.2f} {7!r:>4} {1234567:,} {True} {None} {[1.0, (2,)]} {{}}'",
    "return '%d of %s, %.1f' % (3, 'dogs', 2.25) + '{:>5}|{b}'.format(1, b=2)",
    "return [round(2.5), round(2.675, 2), int(3.9), int('-7'), abs(-3), 7 / 2, 10 ** 20, 1e16, 1e-7]",
    "a, *b = 'abc'\nreturn [a, *b, *[x.upper() for x in b]]",
    "d = {'b': 1, 'a': 2}\nd |= {'c': 3}\nreturn [f'{k}={v}' for k, v in sorted(d.items(), key=lambda kv: -kv[1])]",
    "from collections import Counter, defaultdict\nc = Counter('banana')\nreturn c.most_common(1)[0][0]",
    "import itertools\nreturn [a + b for a, b in itertools.combinations('abc', 2)]",
    "return [bool(x) for x in ([], [0], '', '0', 0.0, None, {}, image)]",
    "xs = image.find('dog')\nxs.sort(key=lambda p: (p.category, -p.left))\nreturn [p.left for p in xs]",
    "return [p.left for p in image.find('dog') if any(p.overlaps_with(q.left, q.lower, q.right, q.upper) "
    "for q in image.find('cat'))]",
    "return max(image.find('dog'), key=lambda p: p.compute_depth(), default=image).simple_query('colour?')",
    "return '; '.join(f'{p.category} {distance(p, image):.1f}' for p in image.find('dog')) or 'none'",
    "class Box:\n    def __init__(self, p): self.p = p\n    def __eq__(self, o): return self.p.left == o.p.left\n"
    "return Box(image) == Box(image.crop(0, 0, 9, 9))",
    "match len(image.find('dog')):\n    case 0: return 'none'\n    case 1 | 2: return 'few'\n    case n: return n",
    "def walk(p, n):\n    return 1 + sum(walk(q, n - 1) for q in p.find('x')) if n else 0\nreturn walk(image, 2)",
    "return [round(x / 200, n) for x in range(-9, 600, 31) for n in (0, 1, 2, 5)] + [round(5, 1), round(155, -1)]",
    "return [round(1e300, 5), round(float('1e22'), 2), round(-0.004, 2), round(2.5, None)]",
    "words = image.simple_query('what?').split()\nreturn ' '.join(reversed(words)).title().strip('.') or None",
]


@pytest.mark.parametrize("text", SNIPPETS)
async def test_snippets_agree_with_cpython(sandbox: Sandbox, text: str) -> None:
    for seed in SEEDS:
        host = StubHost(seed)
        ours = await sandbox.run(body(text), ProgramInputs(SIZES), host)
        theirs = run_in_cpython(body(text), seed)
        assert theirs["status"] in ("ok", "no_answer"), theirs
        assert (ours.status, ours.answer, host.calls) == (theirs["status"], theirs["answer"], theirs["calls"])


@pytest.mark.skipif(not DATA.exists(), reason="the real programs are not here")
async def test_real_programs_agree_with_cpython() -> None:
    sources = load()[::40]
    cpython = in_cpython(sources, SEEDS)
    sandbox = await in_sandbox(sources, SEEDS)
    assert sum(ran.ended for seeds in cpython for ran in seeds) > 1.5 * len(sources)
    why = causes(sources, differences(sources, cpython, sandbox))
    assert "unexplained" not in why.values()
