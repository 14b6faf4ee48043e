"""Bootstrap intervals and McNemar's test."""

import math

import numpy as np
import pytest

from vpd.evaluation.intervals import mcnemar, mean_interval, paired_difference, statistic_interval


def rng(seed=0):
    return np.random.default_rng(seed)


def answers(seed, n, accuracy):
    return rng(seed).random(n) < accuracy


def test_a_difference_that_is_the_same_for_all_of_a_few_questions_is_not_sure():
    none = paired_difference([1] * 12, [1] * 12, rng())
    assert none.low == -none.high
    assert 0.2 < none.high < 0.3  # 1 − 0.025^(1/12) = 0.265
    all_of_them = paired_difference([1] * 12, [0] * 12, rng())
    assert all_of_them.high == 1
    assert 0.4 < all_of_them.low < 0.5


def test_an_interval_of_a_mean_is_that_of_the_normal_distribution_for_many_rows():
    scores = answers(1, 2_000, 0.7)
    error = 1.96 * math.sqrt(scores.mean() * (1 - scores.mean()) / len(scores))

    interval = mean_interval(scores, rng())

    assert interval.estimate == scores.mean()
    assert interval.low == pytest.approx(scores.mean() - error, abs=0.002)
    assert interval.high == pytest.approx(scores.mean() + error, abs=0.002)


def test_the_same_seed_gives_the_same_interval():
    scores = rng(1).random(100)

    assert mean_interval(scores, rng(7)) == mean_interval(scores, rng(7))
    assert mean_interval(scores, rng(7)) != mean_interval(scores, rng(8))


def test_drawing_in_chunks_keeps_every_resample():
    scores = answers(1, 500_000, 0.5)  # eight resamples a chunk

    interval = mean_interval(scores, rng(), resamples=20)

    assert 0.49 < interval.low < interval.estimate < interval.high < 0.51


def test_a_wider_confidence_gives_a_wider_interval():
    scores = answers(1, 100, 0.5)
    narrow, wide = (mean_interval(scores, rng(), confidence=c) for c in (0.8, 0.99))

    assert wide.low < narrow.low < narrow.high < wide.high


def test_pairing_takes_out_how_hard_the_questions_are():
    hardness = rng(1).random(400)
    first, second = hardness + 0.02, hardness

    difference = paired_difference(first, second, rng())

    assert difference == pytest.approx((0.02, 0.02, 0.02))


def test_pairing_needs_the_same_questions():
    with pytest.raises(ValueError, match="there are 3 and 2"):
        paired_difference([1, 0, 1], [1, 0], rng())


def test_no_questions_have_no_interval():
    with pytest.raises(ValueError, match="nothing to resample"):
        mean_interval([], rng())


def test_95_percent_intervals_cover_the_truth_about_as_often():
    covered = 0
    for seed in range(300):
        interval = mean_interval(answers(seed, 200, 0.6), rng(seed), resamples=500)
        covered += interval.low <= 0.6 <= interval.high

    assert 0.91 <= covered / 300 <= 0.98


def test_the_interval_of_a_statistic_agrees_with_that_of_the_mean_where_it_is_the_mean():
    scores = rng(4).random(300)

    general = statistic_interval(lambda rows: float(scores[rows].mean()), 300, rng(1), resamples=5_000)

    assert general == pytest.approx(mean_interval(scores, rng(2)), abs=0.003)


def wins(first, second):
    """Two systems of which the first alone is right so often, and the second alone so often."""
    return [True] * first + [False] * second + [True, False], [False] * first + [True] * second + [
        True,
        False,
    ]


def test_mcnemar_on_the_published_example():
    # Table 1 of Fagerland, Lydersen and Laake (2013): 1 and 7 discordant pairs.
    result = mcnemar(*wins(1, 7))

    assert (result.only_first, result.only_second) == (1, 7)
    assert result.exact == pytest.approx(0.0703, abs=5e-5)
    assert result.mid == pytest.approx(0.0391, abs=5e-5)


def test_mcnemar_of_equals():
    assert mcnemar(*wins(3, 3)).exact == 1
    assert mcnemar(*wins(3, 3)).mid == pytest.approx(1 - 0.5 * 20 / 64)
    assert mcnemar(*wins(0, 0))[2:] == (1, 1)


def test_mcnemar_of_many_questions_neither_overflows_nor_vanishes():
    result = mcnemar(*wins(5_000, 5_200))

    assert result.exact == pytest.approx(0.0488, abs=5e-4)
    assert result.mid < result.exact
