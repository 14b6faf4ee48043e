"""Which names a noun phrase speaks of, and what more it asks of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_tools.phrases import adjective, matches, modifiers, parse, singular, words_of
from vision_tools.words import IRREGULAR_PLURALS, KINDS, SYNONYM


def asks(phrase: str, name: str) -> tuple[str, ...] | None:
    return modifiers(parse(phrase), name)


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("cubes", "cube"), ("boxes", "box"), ("benches", "bench"), ("dishes", "dish"), ("glasses", "glass"),
        ("puppies", "puppy"), ("ties", "tie"), ("potatoes", "potato"), ("shoes", "shoe"), ("buses", "bus"),
        ("people", "person"), ("children", "child"), ("women", "woman"), ("policemen", "policeman"),
        ("knives", "knife"), ("leaves", "leaf"), ("mice", "mouse"), ("cookies", "cookie"), ("skis", "ski"),
        ("sheep", "sheep"), ("bus", "bus"), ("glass", "glass"), ("tennis", "tennis"), ("vases", "vase"),
    ],
)  # fmt: skip
def test_plurals_become_singular(plural: str, one: str) -> None:
    assert singular(plural) == one


@pytest.mark.parametrize(
    "word", sorted({*IRREGULAR_PLURALS.values(), *" ".join(KINDS).split(), "bus", "dress"})
)
def test_a_singular_stays_as_it_is(word: str) -> None:
    assert singular(word) == word


@given(st.text())
def test_any_text_at_all_can_be_parsed(text: str) -> None:
    phrase = parse(text)
    assert all(word == word.lower() for word in phrase.words)


@given(st.sampled_from(sorted(SYNONYM)), st.sampled_from(["", "the ", "a ", "Some "]))
def test_a_synonym_is_the_thing_itself_with_or_without_an_article(synonym: str, article: str) -> None:
    assert asks(article + synonym, SYNONYM[synonym]) == ()


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("bikes", "bicycle"), ("motorbike", "motorcycle"), ("sofa", "couch"), ("television", "tv"),
        ("TVs", "tvmonitor"),
        ("phone", "cell phone"), ("people", "person"), ("potted plants", "pottedplant"), ("aeroplane", "airplane"),
        ("table", "dining table"), ("glass", "wine glass"), ("animal", "zebra"), ("vehicles", "truck"),
        ("fruit", "banana"), ("cutlery", "fork"), ("a pair of scissors", "scissors"),
        ("thing", "cat"), ("shapes", "triangle"), ("block", "cube"), ("hot dogs", "hot dog"),
    ],
)  # fmt: skip
def test_a_phrase_is_said_of_names_that_mean_the_same_or_something_closer(phrase: str, name: str) -> None:
    assert asks(phrase, name) == ()


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("dog", "hot dog"), ("bear", "teddy bear"), ("hot dog", "dog"), ("teddy bear", "bear"), ("cat", "dog"),
        ("animal", "mouse"), ("shape", "box"), ("box", "square"), ("cow", "person"), ("", "cat"),
    ],
)  # fmt: skip
def test_a_phrase_is_not_said_of_other_names(phrase: str, name: str) -> None:
    assert asks(phrase, name) is None


@pytest.mark.parametrize(
    ("phrase", "name", "condition"),
    [
        ("red cubes", "cube", ("red",)),
        ("small red cube", "cube", ("small", "red")),
        ("wall clock", "clock", ("wall",)),
        ("yellow object", "square", ("yellow",)),
        ("person with a hat", "person", ("with hat",)),
        ("sparrow", "bird", None),
        ("truck", "vehicle", ("truck",)),
        ("old truck", "vehicle", ("truck", "old")),
    ],
)
def test_what_a_phrase_says_beyond_the_name_is_a_condition(
    phrase: str, name: str, condition: tuple[str, ...] | None
) -> None:
    assert asks(phrase, name) == condition


def test_men_and_women_are_found_as_persons_where_nothing_closer_is_known() -> None:
    assert matches(parse("women"), ["person", "dog"]) == {"person": ()}
    assert matches(parse("young man"), ["person"]) == {"person": ("young",)}
    assert matches(parse("woman"), ["woman", "man", "person"]) == {"woman": ()}


def test_one_phrase_may_match_several_names() -> None:
    assert set(matches(parse("vehicles"), ["car", "bus", "dog"])) == {"car", "bus"}


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("gray", "grey"), ("Gray coloured", "grey"), ("large", "big"), ("color red", "red"), ("in the", "")],
)
def test_adjectives_have_one_form(text: str, canonical: str) -> None:
    assert adjective(text) == canonical


def test_words_lose_punctuation_and_hyphens() -> None:
    assert words_of("The T-shirts, (two)") == ("t", "shirt", "two")
