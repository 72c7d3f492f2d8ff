"""The linear model against data whose law is known."""

import numpy as np

from sectorwars.forecasting.model import fit_ridge

RNG = np.random.default_rng(7)
SEEN = np.column_stack([RNG.normal(3, 2, 400), RNG.normal(-1, 0.1, 400), np.full(400, 5.0)])
RETURNS = 0.5 * SEEN[:, 0] - 4 * SEEN[:, 1] + 0.25


def test_a_linear_law_is_found_again() -> None:
    model = fit_ridge(SEEN, RETURNS, 0.0 + 1e-12)
    np.testing.assert_allclose(model.predict(SEEN), RETURNS, atol=1e-6)


def test_a_feature_that_never_varies_adds_nothing() -> None:
    model = fit_ridge(SEEN, RETURNS, 1e-6)
    assert model.weights[2] == 0
    assert not model.contributions(SEEN)[:, 2].any()


def test_contributions_and_intercept_add_up_to_the_prediction() -> None:
    model = fit_ridge(SEEN, RETURNS, 1e-3)
    total = model.contributions(SEEN).sum(axis=1) + model.intercept
    np.testing.assert_allclose(total, model.predict(SEEN))


def test_shrinkage_pulls_weights_to_zero() -> None:
    loose, tight = fit_ridge(SEEN, RETURNS, 1e-6), fit_ridge(SEEN, RETURNS, 10.0)
    assert (np.abs(tight.weights[:2]) < 0.2 * np.abs(loose.weights[:2])).all()
