"""Known truth recovered: quality and handling effects of redrawn demos inside their 90 % intervals.

Run: ``python benchmarks/funnel_recovery.py [redraws]``. Each redraw changes the slopes of waiting and talk
and every source's quality; leads are drawn from them and the estimates set against the truth.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pandas as pd

from alignment_lib.funnel.cohorts import LagDistribution, fit_lag
from alignment_lib.funnel.leads import FunnelLeads, prepare_leads
from alignment_lib.funnel.win_model import WinModel, calibrate_wins, fit_wins, linear_predictor
from alignment_lib.review.counterfactuals import had_promise_been_kept, split_quality_handling
from data.generator.funnel_truth import LEAD_PRODUCTS, FunnelTruth
from data.generator.leads import draw_leads
from data.generator.weeks import AS_OF

Z90 = 1.645
BEFORE = (pd.Timestamp("2025-03-31"), pd.Timestamp("2025-06-30"))
AFTER = (pd.Timestamp("2025-06-30"), pd.Timestamp("2025-09-29"))


def draw(seed: int, truth: FunnelTruth) -> FunnelLeads:
    """Leads of a truth, prepared as the product does."""
    drawn = draw_leads(seed, truth)
    contacts = drawn.contacts.assign(
        reached=drawn.contacts["reached"].map({"yes": 1.0, "no": 0.0}).astype(float),
        call_quality=pd.to_numeric(drawn.contacts["call_quality"]),
    )
    return prepare_leads(drawn.leads, AS_OF - pd.Timedelta(days=1), contacts, dimensions=["product"])


def true_logit(truth: FunnelTruth, leads: FunnelLeads, model: WinModel) -> np.ndarray:
    """True log odds of each lead at the promised wait and the model's average talk."""
    table = leads.table
    logit = table["source"].astype(str).map(truth.logits).to_numpy(dtype=float)
    logit += table["campaign"].astype(str).map(truth.campaign_logit).fillna(0.0).to_numpy(dtype=float)
    logit += np.where(table["device"].astype(str) == "mobile", truth.mobile_logit, 0.0)
    logit += table["product"].astype(str).map(lambda name: LEAD_PRODUCTS[name][1]).to_numpy(dtype=float)
    return logit + truth.wait_slope * model.promise_wait + truth.talk_slope * (model.talk_mean - 0.65)


def as_model(truth: FunnelTruth, model: WinModel) -> WinModel:
    """The truth in the form of a model without error."""
    values = np.zeros(len(model.names))
    for place, name in enumerate(model.names):
        column, _, level = name.partition("=")
        known = {
            "source": truth.logits,
            "campaign": truth.campaign_logit,
            "device": {"mobile": truth.mobile_logit},
        }
        known["product"] = {product: made[1] for product, made in LEAD_PRODUCTS.items()}
        values[place] = known.get(column, {}).get(level, 0.0)
    values[0] = truth.wait_slope * model.promise_wait + truth.talk_slope * (model.talk_mean - 0.65)
    values[model.names.index("wait")] = truth.wait_slope
    values[model.names.index("talk")] = truth.talk_slope
    return replace(model, coefficients=values, covariance=np.zeros_like(model.covariance), unreached_rate=0.0)


def score(seed: int) -> dict[str, tuple[int, int, float]]:
    """Hits, cases and mean error of one redraw, by quantity."""
    truth = FunnelTruth().redrawn(np.random.default_rng([seed, 99]))
    leads = draw(seed, truth)
    lag = fit_lag(leads)
    model = fit_wins(leads, lag, seed=1)
    assert model is not None
    found = {}
    for name, value in (("wait", truth.wait_slope), ("talk", truth.talk_slope)):
        estimate, error = model.coefficient(name)
        found[name] = (int(abs(estimate - value) <= Z90 * error), 1, estimate - value)
    found["quality by source"] = _source_quality(truth, leads, model)
    found |= _split(truth, leads, lag, model)
    found["calibration"] = (int(calibrate_wins(leads, lag, 1)[1]["error"] <= 0.02), 1, 0.0)
    return found


def _source_quality(truth: FunnelTruth, leads: FunnelLeads, model: WinModel) -> tuple[int, int, float]:
    rng = np.random.default_rng(3)
    draws = rng.multivariate_normal(model.coefficients, model.covariance, 300)
    values = np.array([linear_predictor(model, leads.table, one) for one in draws])
    estimate, true = linear_predictor(model, leads.table), true_logit(truth, leads, model)
    hits, errors = 0, []
    for source in truth.logits:
        chosen = (leads.table["source"] == source).to_numpy()
        low, high = np.quantile(values[:, chosen].mean(axis=1), [0.05, 0.95])
        hits += int(low <= true[chosen].mean() <= high)
        errors.append(estimate[chosen].mean() - true[chosen].mean())
    return hits, len(errors), float(np.mean(errors))


def _split(
    truth: FunnelTruth, leads: FunnelLeads, lag: LagDistribution, model: WinModel
) -> dict[str, tuple[int, int, float]]:
    known = as_model(truth, model)
    estimate = split_quality_handling(leads, lag, model, BEFORE, AFTER, seed=1)[0].iloc[0]
    true = split_quality_handling(leads, lag, known, BEFORE, AFTER, seed=1)[0].iloc[0]
    found = {}
    for name in ("quality", "handling"):
        inside = estimate[f"{name}_low"] <= true[name] <= estimate[f"{name}_high"]
        found[f"{name} in the split"] = (int(inside), 1, estimate[name] - true[name])
    kept = had_promise_been_kept(leads, lag, model, AFTER, seed=1)[0].iloc[0]
    wanted = had_promise_been_kept(leads, lag, known, AFTER, seed=1)[0].iloc[0]
    inside = kept["gain_low"] <= wanted["gain"] <= kept["gain_high"]
    found["promise kept"] = (int(inside), 1, kept["gain"] - wanted["gain"])
    return found


def main() -> None:
    """Print coverage of the 90 % intervals with its own 95 % bounds."""
    redraws = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    scores = [score(seed) for seed in range(redraws)]
    for name in scores[0]:
        hits, cases = (sum(one[name][place] for one in scores) for place in (0, 1))
        share = hits / cases
        spread = 1.96 * np.sqrt(0.9 * 0.1 / cases)
        error = np.mean([one[name][2] for one in scores])
        print(
            f"{name:22s} {hits:4d} of {cases:4d} = {share:.1%} (90 % ± {spread:.1%}), mean error {error:+.3f}"
        )


if __name__ == "__main__":
    main()
