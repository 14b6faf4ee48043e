"""Facts: only what the answer hangs on, in order, each pointing at the steps that show it."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.distillation.gold_programs import runs
from tests.distillation.small_worlds import Teller, picture, thing
from vpd.distillation.facts.facts import find_facts
from vpd.distillation.facts.models import (
    Concluded,
    Detected,
    HasProperty,
    MeasureCompared,
    SortedOut,
    dump,
    load,
)

CUPS = picture(
    thing("cup", 10, properties=("red",)),
    thing("cup", 50),
    thing("cup", 90, properties=("red",)),
    thing("dog", 130),
)


def test_what_the_answer_does_not_hang_on_is_left_out(tell: Teller):
    told = tell("dogs = image.find('dog')\nreturn len(image.find('cup'))", CUPS)
    assert told.statements == ["there are three cups", "so the answer is 3"]


def test_a_condition_that_chose_the_answer_is_kept(tell: Teller):
    told = tell("if image.exists('dog'):\n    return 'yes'\nreturn 'no'", CUPS)
    assert told.statements == ["there is a dog", "so the answer is yes"]


def test_a_condition_that_would_have_ended_the_program_is_kept(tell: Teller):
    told = tell("if image.exists('cat'):\n    return 'a cat'\nreturn str(len(image.find('cup')))", CUPS)
    assert told.statements[0] == "there are no cats and three cups"


def test_each_fact_points_at_the_calls_that_show_it(tell: Teller):
    told = tell("return sum(cup.verify_property('cup', 'red') for cup in image.find('cup'))", CUPS)
    found, sorted_out, _ = told.facts
    steps = told.execution.steps
    assert isinstance(found, Detected)
    assert [steps[i].tool for i in found.steps] == ["find"]
    assert isinstance(sorted_out, SortedOut)
    assert [steps[i].tool for i in sorted_out.steps] == ["find", *["verify_property"] * 3]


BETWEEN = """
dog, cup = image.find('dog')[0], image.find('cup')[0]
low = min(dog.horizontal_center, cup.horizontal_center)
high = max(dog.horizontal_center, cup.horizontal_center)
found = [box for box in image.find('box') if {test}]
return {answer}
"""
ROW = picture(thing("box", 10), thing("cup", 40), thing("box", 70), thing("box", 100), thing("dog", 130))


def test_two_comparisons_make_one_statement_of_what_lies_between(tell: Teller):
    told = tell(BETWEEN.format(test="low < box.horizontal_center < high", answer="len(found)"), ROW)
    [sorted_out] = [fact for fact in told.facts if isinstance(fact, SortedOut)]
    assert [thing.mark for thing in sorted_out.passed] == ["second", "third"]
    assert [thing.mark for thing in sorted_out.failed] == ["first"]
    assert not [fact for fact in told.facts if isinstance(fact, MeasureCompared)]
    assert (
        "there are boxes that are between the dog and the cup from left to right, at [70, 40, 80, 50] and "
        "[100, 40, 110, 50], two such boxes in all" in told.text(boxes="pixels")
    )
    assert told.checker.check(told.text()) == []
    assert told.checker.check("The first box is between the dog and the cup from left to right.")


def test_what_lies_between_may_be_compared_with_a_number(tell: Teller):
    told = tell(BETWEEN.format(test="low < box.horizontal_center < high", answer="len(found) == 2"), ROW)
    assert told.execution.answer == "yes"
    for boxes in ("none", "pixels"):
        assert told.checker.check(told.text(boxes=boxes)) == [], told.text(boxes=boxes)
    assert told.checker.check("The second box is the dog.")


def test_other_comparisons_say_nothing_of_between(tell: Teller):
    for test in (
        "low < box.horizontal_center",
        "box.horizontal_center < low",
        "high < box.horizontal_center < low",
    ):
        told = tell(BETWEEN.format(test=test, answer="len(found)"), ROW)
        assert "between" not in told.text(), test


def test_facts_come_in_the_order_of_the_trace_and_the_answer_last():
    for run in runs():
        facts = find_facts(run.example, run.candidate.program, run.execution)
        assert isinstance(facts[-1], Concluded)
        assert facts[-1].answer == run.execution.answer
        assert all(0 <= step < len(run.execution.steps) for fact in facts for step in fact.steps)
        detected = [fact.steps[-1] for fact in facts if isinstance(fact, Detected) and not fact.scope]
        assert detected == sorted(detected)


def test_calls_that_evidence_shows_to_be_idle_are_left_out(tell: Teller):
    told = tell("return len(image.find('cup')) + len(image.find('cat'))", CUPS)
    first = next(i for i, step in enumerate(told.execution.steps) if step.kind == "call")
    facts = find_facts(told.example, told.program, told.execution, matters=[first])
    assert [fact.noun for fact in facts if isinstance(fact, Detected)] == ["cup"]


def test_a_trace_that_is_cut_short_tells_what_its_tools_said(tell: Teller):
    told = tell("cup = image.find('cup')[0]\nreturn cup.verify_property('cup', 'red')", CUPS)
    cut = told.execution.model_copy(update={"steps": told.execution.steps[:-1], "steps_dropped": 1})
    found, property_, answer = find_facts(told.example, told.program, cut)
    assert isinstance(found, Detected)
    assert found.count == 3
    assert isinstance(property_, HasProperty)
    assert answer == Concluded(answer="yes")


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_trace_however_mangled_trips_it_up(data: st.DataObject):
    run = data.draw(st.sampled_from(runs()))
    steps = list(run.execution.steps)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(steps) - 1))
        change = data.draw(
            st.sampled_from(
                [{"value": None}, {"result": "?"}, {"result": [{}]}, {"value": [[]]}, {"line": 1}]
            )
        )
        steps[place : place + 1] = [steps[place].model_copy(update=change)] * data.draw(st.integers(0, 2))
        if not steps:
            break
    mangled = run.execution.model_copy(update={"steps": tuple(steps)})
    facts = find_facts(run.example, run.candidate.program, mangled)
    assert isinstance(facts[-1], Concluded)


def test_facts_survive_storage():
    for run in runs():
        facts = find_facts(run.example, run.candidate.program, run.execution)
        assert load(json.loads(json.dumps(dump(facts)))) == facts
