"""A linear model of the log return over a horizon, one for all goods, by ridge regression."""

from dataclasses import dataclass

import numpy as np

from sectorwars.forecasting.features import Floats


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights on standardised features; every array has an element for each feature."""

    means: Floats
    scales: Floats
    weights: Floats
    intercept: float

    def contributions(self, features: Floats) -> Floats:
        """Return what each feature adds to the log return, in the shape of `features`."""
        added: Floats = (features - self.means) / self.scales * self.weights
        return added

    def predict(self, features: Floats) -> Floats:
        """Return the expected log return of each row."""
        expected: Floats = self.contributions(features).sum(axis=1) + self.intercept
        return expected


def fit_ridge(features: Floats, returns: Floats, shrinkage: float) -> LinearModel:
    """Fit a model to rows of features and their log returns.

    `shrinkage` pulls the weights of standardised features to zero, in rows per row. A feature that
    never varies gets the weight zero.
    """
    means, spreads = features.mean(axis=0), features.std(axis=0)
    scales = np.where(spreads > 0, spreads, 1.0)
    standard = (features - means) / scales
    intercept = float(returns.mean())
    rows, columns = standard.shape
    weights = np.linalg.solve(
        standard.T @ standard + shrinkage * rows * np.eye(columns),
        standard.T @ (returns - intercept),
    )
    return LinearModel(means, scales, weights, intercept)
