"""Our metrics and tests against scikit-learn's and scipy's."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vpd.evaluation.intervals import mcnemar, mean_interval
from vpd.evaluation.metrics.probability import auroc
from vpd.evaluation.metrics.yes_no import yes_no_scores

metrics = pytest.importorskip("sklearn.metrics")
stats = pytest.importorskip("scipy.stats")


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
@settings(max_examples=20)
def test_popes_figures(pairs):
    predictions, labels = zip(*pairs, strict=True)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        labels, predictions, average="binary", zero_division=0
    )

    scores = yes_no_scores(predictions, labels)

    assert scores[:4] == pytest.approx((f1, metrics.accuracy_score(labels, predictions), precision, recall))


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0, 0.1, 0.5, 0.7, 1])), min_size=2))
@settings(max_examples=50)
def test_auroc_with_ties(pairs):
    labels, probabilities = zip(*pairs, strict=True)
    assume(len(set(labels)) == 2)

    assert auroc(labels, probabilities) == pytest.approx(metrics.roc_auc_score(labels, probabilities))


def test_a_bootstrap_interval():
    scores = np.random.default_rng(3).exponential(size=200)
    theirs = stats.bootstrap(
        (scores,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(1)
    ).confidence_interval

    interval = mean_interval(scores, np.random.default_rng(2), resamples=20_000)

    assert interval.low == pytest.approx(theirs.low, abs=0.01)
    assert interval.high == pytest.approx(theirs.high, abs=0.01)


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_a_binomial_test(only_first, only_second):
    assume(only_first != only_second)
    n = only_first + only_second

    result = mcnemar([True] * only_first + [False] * only_second, [False] * only_first + [True] * only_second)

    assert result.exact == pytest.approx(stats.binomtest(only_first, n).pvalue)
    assert result.mid == pytest.approx(result.exact - stats.binom.pmf(only_first, n, 0.5))
