"""Rows are told apart by their columns as they would be by their records."""

from typing import Any

import pytest

from vpd.arrow import to_table
from vpd.digests import RowDigests
from vpd.records import Execution, Step

CALL = Step(
    kind="call",
    line=2,
    expression="x",
    tool="find",
    image=0,
    region=(0, 0, 9, 9),
    arguments={"a": 1},
    result=["é"],
)
ROW = Execution(
    example_id="q", index=0, status="ok", answer="2", steps=(CALL, Step(kind="bind", line=1, expression=""))
)


def digest(*rows: Execution) -> bytes:
    return RowDigests(to_table(Execution, rows))(0, len(rows))


def test_equal_rows_have_one_digest_wherever_they_stand():
    others = [ROW.model_copy(update={"example_id": "other" * n, "steps": (CALL,) * n}) for n in range(4)]
    found = RowDigests(to_table(Execution, [*others, ROW, *others, ROW]))
    assert found(4, 5) == found(9, 10) == digest(ROW)
    assert found(0, 4) == found(5, 9) == digest(*others)
    assert RowDigests(to_table(Execution, [*others, ROW]).slice(2))(2, 3) == digest(ROW)


@pytest.mark.parametrize(
    "changed",
    [
        {"answer": "3"},
        {"answer": None},
        {"answer": ""},
        {"status": "error"},
        {"steps": ()},
        {"steps": (CALL,)},
        *(
            {"steps": (CALL.model_copy(update=change), *ROW.steps[1:])}
            for change in (
                {"image": None},
                {"image": 1},
                {"region": None},
                {"region": (0, 0, 9, 8)},
                {"result": None},
                {"result": "null"},
                {"expression": "", "tool": "xfind"},
            )
        ),
    ],
)
def test_whatever_is_changed_gives_another(changed: dict[str, Any]):
    assert digest(ROW.model_copy(update=changed)) != digest(ROW)


def test_rows_are_not_taken_for_parts_of_others():
    halves = [ROW.model_copy(update={"example_id": name}) for name in ("qr", "s", "q", "rs")]
    assert digest(*halves[:2]) != digest(*halves[2:])
    assert digest() != digest(ROW) != digest(ROW, ROW)
