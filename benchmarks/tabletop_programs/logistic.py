"""Logistic regression: small, in numpy alone."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Logistic(NamedTuple):
    """P(y = 1 | x) = 1 / (1 + exp(-(intercept + weights · x)))."""

    weights: Floats
    """(features,)"""
    intercept: float

    def probability(self, x: Floats) -> Floats:
        """(rows, features) → (rows,)"""
        return 1 / (1 + np.exp(-np.clip(x @ self.weights + self.intercept, -30, 30)))


def fit(x: Floats, y: Floats, ridge: float, steps: int = 50) -> Logistic:
    """Maximum likelihood with a ridge penalty on the weights, by iteratively reweighted least squares.

    Args:
        x: (rows, features).
        y: (rows,), 0 or 1.
        ridge: half the penalty on the sum of the squared weights; the intercept is free.
        steps: most Newton steps.
    """
    rows = np.hstack([x, np.ones((len(x), 1))])
    penalty = np.diag([ridge] * x.shape[1] + [1e-6])
    found = np.zeros(rows.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        gradient = rows.T @ (y - p) - penalty @ found
        curvature = (rows * (p * (1 - p))[:, None]).T @ rows + penalty
        step = np.linalg.solve(curvature, gradient)
        found = found + step
        if np.max(np.abs(step)) < 1e-8:
            break
    return Logistic(found[:-1], float(found[-1]))
