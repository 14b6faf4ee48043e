"""Lessons on words alone: their answers follow from what they tell, and they name no pair that training never shows."""

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from vpd.tabletop.questions.catalogue import FAMILIES
from vpd.tabletop.splits import pair_split
from vpd.tabletop.training.written import from_words
from vpd.tabletop.training.written_groups import alike, beside, counted, more, picked, such
from vpd.tabletop.training.written_pairs import depths, described, equal, ordered, sides
from vpd.tabletop.training.written_scene import Told
from vpd.tabletop.training.written_signs import priced, read, shown, sign_near, sums
from vpd.tabletop.vocabulary import COLORS, MATERIALS, SHAPES, SIZES

_BOX = re.compile(r"\[(\d+), (\d+), (\d+), (\d+)\]")
Kind = Callable[[np.random.Generator], Told]


def lessons(kind: Kind, count: int = 200) -> Iterator[Told]:
    rng = np.random.default_rng(0)
    return (kind(rng) for _ in range(count))


def boxes(text: str) -> list[tuple[int, ...]]:
    return [tuple(map(int, found)) for found in _BOX.findall(text)]


def middle(box: tuple[int, ...]) -> float:
    return (box[0] + box[2]) / 2


KINDS = (
    sides, depths, ordered, described, equal, picked, counted, more, such, beside, alike, sums, priced, read, shown,
    sign_near,
)  # fmt: skip
RANK: dict[str, Callable[[tuple[int, ...]], float]] = {
    "leftmost": lambda b: -middle(b), "rightmost": middle, "nearest": lambda b: b[3], "farthest": lambda b: -b[3],
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_no_answer_gives_a_place_that_was_not_told(kind: Kind):
    for each in lessons(kind):
        assert set(boxes(each.said)) <= set(boxes(each.told))


def test_sides_are_those_of_the_boxes():
    for each in lessons(sides):
        one, other = boxes(each.said)
        left = middle(one) < middle(other)
        assert each.answer == ("yes" if left == ("left" in each.said) else "no")
        assert (" not " in each.said) == (each.answer == "no")


def test_what_is_lower_in_the_picture_is_closer():
    for each in lessons(depths):
        one, other = boxes(each.said)
        a, b = re.findall("one ([a-z ]+), at", each.said)
        near = re.search("nearer|closer|in front", each.asked) is not None
        first = (one[3] > other[3]) == near
        assert each.answer in ((a if first else b), "yes" if first else "no")
        assert (" not " in each.said) == (not first)


def test_of_three_the_outermost_is_named():
    for each in lessons(ordered):
        side = "left" if "left" in each.asked else "right"
        phrases = re.findall("one ([a-z ]+), at", each.said)
        at = dict(zip(phrases, boxes(each.said), strict=True))
        assert middle(at[each.answer]) == (min if side == "left" else max)(map(middle, at.values()))
        assert each.said.endswith(f"of these, the {side}most is the {each.answer}.")


def test_what_a_thing_is_stands_in_the_text():
    for each in lessons(described):
        place = re.search(r"one ([a-z ]+), (at \[[\d, ]+\])", each.said)
        assert place
        told = re.search(rf"one {place[1]}, {re.escape(place[2])}, (\w+)", each.told)
        assert told
        yes_no = "yes" if re.search(rf"\b{told[1]}\b", each.asked.replace(place[1], "")) else "no"
        assert each.answer == (told[1] if each.answer in _ALL else yes_no)


def test_two_are_equal_if_the_text_gives_them_the_same():
    for each in lessons(equal):
        one, other = re.findall(r"\], (\w+)", each.told)
        assert each.answer == ("yes" if one == other else "no")


def test_the_one_that_is_picked_is_the_first_by_its_mark():
    marked = [each for each in lessons(picked) if re.search("|".join(RANK), each.asked)]
    assert len(marked) > 50
    for each in marked:
        mark = next(mark for mark in RANK if mark in each.asked)
        chosen = boxes(each.said)[-1]
        # It was picked by pixels, of which one is eight thousandths.
        assert RANK[mark](chosen) >= max(map(RANK[mark], boxes(each.told))) - 8
        place = f"[{', '.join(map(str, chosen))}]"
        assert each.answer == place or f"{place} {each.answer}" in each.told


def test_counts_are_those_of_the_places():
    for each in lessons(counted):
        found = len(boxes(each.said))
        assert each.answer in (str(found), "yes" if found else "no")
    for each in lessons(more):
        true = re.search("there are (more|fewer|as many)", each.said)
        words = {"more": ("more", "greater"), "fewer": ("fewer", "less"), "as many": ("as many", "equal")}
        assert true
        assert each.answer == ("yes" if any(word in each.asked for word in words[true[1]]) else "no")


def test_things_are_sorted_out_by_what_is_told():
    for each in lessons(such):
        value = next(word for word in reversed(re.findall(r"\w+", each.asked)) if word in _ALL)
        so = re.findall(rf"(\[[\d, ]+\]) {value}", each.told)
        assert each.answer == str(len(so))
        assert re.findall(r"\[[\d, ]+\]", each.said) == so


def test_what_is_to_a_side_is_counted_or_told_of():
    hops = 0
    for each in lessons(beside):
        mark, *passed = boxes(each.said.split(" Of these")[0])
        side = "left" if "to the left" in each.said else "right"
        if each.answer.isdigit():
            assert each.answer == str(len(passed))
        else:
            hops += 1
            place = re.findall(r"\[[\d, ]+\]", each.said)[-1]
            assert f"{place} {each.answer}" in each.told
            rank = re.search("the (\\w+) is the", each.said)
            if rank and rank[1] in RANK:
                assert RANK[rank[1]](boxes(place)[0]) >= max(map(RANK[rank[1]], passed)) - 8
        assert all((middle(box) < middle(mark)) == (side == "left") for box in passed)
    assert hops > 40


def test_others_that_are_alike_are_counted_without_the_one():
    for each in lessons(alike):
        assert int(each.answer) == len(boxes(each.told)) - 2


@pytest.mark.parametrize("kind", [sums, priced])
def test_sums_are_right(kind: Kind):
    for each in lessons(kind):
        numbers = [int(number) for number in re.findall(r"“(\d+)”", each.told)]
        if kind is priced:
            assert int(each.answer) == numbers[0] * (len(boxes(each.told)) - 1)
        else:
            makes = re.search(r"(plus|minus)", each.said)
            a, b = numbers
            wanted = {"plus": a + b, "minus": abs(a - b)}[makes[1]] if makes else max(a, b)
            assert int(each.answer) == wanted


def test_signs_say_what_the_text_says():
    for each in lessons(read):
        assert f"“{each.answer}”" in each.told
    for each in lessons(shown):
        word = re.search(r"contains “(\w+)”", each.said)
        assert word
        assert each.answer == ("yes" if f"“{word[1]}”" in each.told else "no")
        assert word[1] in each.asked
    for each in lessons(sign_near):
        place = re.findall(r"\[[\d, ]+\]", each.said)[-1]
        assert f"{place}, with “{each.answer}”" in each.told


def test_no_wording_is_one_of_the_questions_held_out():
    """Else a model would be tested on wordings that its training told it."""
    held_out = {
        _bare(re.sub(r"\{\w+\}", "X", wording))
        for family in FAMILIES.values()
        for phrasings in family.phrasings.values()
        for wording in (*phrasings.val, *phrasings.test)
    }
    rng = np.random.default_rng(2)
    asked = {
        _bare(re.split(r"(?:Answer|Explain)", from_words(rng)[0])[0].split(". ", 1)[-1]) for _ in range(5000)
    }
    assert len(asked) > 100
    assert not asked & held_out


def _bare(wording: str) -> str:
    """Without what it is about."""
    names = "|".join((*_ALL, *SHAPES, "object", "color", "material", "size", "shape", "left", "right", "leftmost",
                      "rightmost", "nearest", "farthest", "behind", "in front of", "[A-Z]{3,}"))  # fmt: skip
    text = re.sub(rf"\b(?:{names})s?\b", "X", wording)
    return re.sub(r"\b(?:an? )?X(?: X)*", "X", text).strip()


_ALL = (*COLORS, *MATERIALS, *SIZES)


def test_no_phrase_names_a_pair_that_training_never_shows():
    colors, shapes = "|".join(COLORS), "|".join(SHAPES)
    pair = re.compile(rf"\b({colors})(?: rubber| metal)? ({shapes})")
    apart = re.compile(rf"\b({shapes})(?:, at \[[\d, ]+\],| is| looks) ({colors})\b")
    rng = np.random.default_rng(1)
    texts = [text for _ in range(1500) for text in from_words(rng) if "not " not in text]
    pairs = [found for text in texts for found in pair.findall(text)]
    pairs += [(color, shape) for text in texts for shape, color in apart.findall(text)]
    assert len(pairs) > 100
    assert {pair_split(color, shape) for color, shape in pairs} == {"train"}
