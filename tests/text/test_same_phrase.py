"""Phrases that differ only in how they are written."""

import pytest

from vpd.text.phrases import phrase_key, same_phrase


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("fish_tank", "Fish tank"),
        ("fish tank", "fishtank"),
        ("99 SPEED MART S/B", "99SPEEDMARTS/B"),
        ("DION REALTIES", "DIONREALTIES"),
        ("The cables.", "cable"),
        ("women", "woman"),
        ("cookies", "cookie"),
        ("t-shirt", "T shirts"),
        ("grey", "gray"),
        ("don't", "dont"),
        ("McDonald's", "mcdonalds"),
        ("U.S.A.", "usa"),
        ("twenty-three dogs", "23 dogs"),
        ("salt & pepper", "salt and pepper"),
        ("The answer is red", "red"),
        ("Sdn. Bhd.", "SDN BHD"),
        ("café", "CAFÉ"),
    ],
)
def test_ways_to_write_one_phrase(a, b):
    assert same_phrase(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("glasses", "glass"),
        ("the shorts", "short"),
        ("1 2", "12"),
        ("1,2", "12"),
        ("1.5", "15"),
        ("none", "0"),
        ("A/C", "C"),
        ("red and white", "red"),
        ("♥", "★"),
        ("कि", "का"),
    ],
)
def test_different_phrases(a, b):
    assert not same_phrase(a, b)


def test_a_key_is_singular():
    assert phrase_key("sitting people") == phrase_key("sitting person") == "sittingperson"


def test_a_lone_article_is_a_phrase():
    assert phrase_key("A") == "a"
    assert phrase_key("The") == "the"
