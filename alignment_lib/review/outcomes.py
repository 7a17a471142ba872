"""What came true of a claim, told from sales where the effect methods have no estimate of it.

The outcome is actual sales in the claim's scope and dates less the plan without the claim. Whatever else
went another way than planned is in it too, so its error holds the baseline's own and the claims that share
scope and dates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Notice
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.timing import period_weights

__all__ = ["measure_outcomes", "outcomes_from_events", "outcomes_from_prices", "prefer_outcomes"]

_COLUMNS = ["round", "assumption", "actual", "standard_error", "sales_per_unit", "method", "shared_with"]
_BAND = 2 * 1.2816
_UNKNOWN_SPREAD = 0.5


def measure_outcomes(
    round_name: str,
    assumptions: Sequence[Assumption],
    plan: pd.DataFrame,
    bridge: pd.DataFrame,
    actual: pd.DataFrame,
    dimensions: Sequence[str],
    calendar: Calendar,
    scenario: str = "as_proposed",
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Outcome of each claim of a closed round that has ended.

    Parameters
    ----------
    round_name : str
        The closed round.
    assumptions : sequence of Assumption
        Its register.
    plan, bridge : DataFrame
        ``plan.parquet`` and ``bridge.parquet`` of that round; rows of `scenario` are used.
    actual : DataFrame
        ``period``, the dimensions, ``value`` in the plan's measure, up to now.
    calendar : Calendar
        The business's periods.

    Returns
    -------
    outcomes : DataFrame
        ``round, assumption, actual`` (percent of the baseline over the claim's days, or units),
        ``standard_error, sales_per_unit`` (measure per unit of the claim), ``method`` (``plan without the
        claim``), ``shared_with`` (ids of claims in the same cells).
    notices : tuple of Notice
        Claims not ended, without sales in scope, or in money where the plan is in units.
    """
    keys = ["period", *dimensions]
    cells = plan[plan["scenario"] == scenario]
    sales = actual.groupby(keys, observed=True)["value"].sum().rename("actual").reset_index()
    cells = cells.merge(sales, on=keys, how="left").sort_values(keys, ignore_index=True)
    effects = (
        bridge[bridge["scenario"] == scenario].groupby(["assumption", *keys], observed=True)["effect"].sum()
    )
    known = cells["actual"].notna()
    last = calendar.ends(pd.DatetimeIndex([cells.loc[known, "period"].max()]))[0] if known.any() else pd.NaT
    rows, open_claims, outside = [], 0, 0
    for claim in sorted(assumptions, key=lambda one: one.id):
        if claim.status not in ("proposed", "accepted"):
            continue
        if pd.isna(last) or claim.end >= last:
            open_claims += 1
            continue
        row = _outcome(claim, cells, effects, keys, calendar)
        outside += row is None
        if row is not None:
            rows.append({"round": round_name, **row})
    return pd.DataFrame(rows, columns=_COLUMNS), _notices(open_claims, outside)


def _notices(open_claims: int, outside: int) -> tuple[Notice, ...]:
    found = []
    if open_claims:
        found.append(
            Notice("claims_still_open", "Claims whose dates have not ended are scored later.", open_claims)
        )
    if outside:
        text = "Claims without sales or baseline in their scope and dates cannot be scored."
        found.append(Notice("claims_without_sales", text, outside))
    return tuple(found)


def _outcome(
    claim: Assumption, cells: pd.DataFrame, effects: pd.Series, keys: Sequence[str], calendar: Calendar
) -> dict[str, object] | None:
    periods = pd.DatetimeIndex(cells["period"].unique())
    weights = period_weights(calendar, periods, claim.start, claim.end, claim.ramp)
    active = cells["period"].map(dict(zip(periods, weights, strict=True))).to_numpy(dtype=float)
    scope = np.ones(len(cells), dtype=bool)
    for name, value in claim.scope.items():
        scope &= (cells[name] == value).to_numpy()
    used = scope & (active > 0) & cells["actual"].notna().to_numpy()
    base = float((cells["baseline"] * active)[used].sum())
    if not used.any() or (claim.unit == "percent" and base <= 0):
        return None
    chosen = cells[used]
    own, others = _effects_in(claim.id, chosen, effects, keys)
    came = float(chosen["actual"].sum() - chosen["plan"].sum()) + own
    per_unit = _per_unit(claim, base, own)
    if not per_unit:
        return None
    noise = _noise(chosen)
    shared = sum((_UNKNOWN_SPREAD * value) ** 2 for value in others.values())
    return {
        "assumption": claim.id,
        "actual": came / per_unit,
        "standard_error": float(np.sqrt(noise**2 + shared)) / abs(per_unit),
        "sales_per_unit": per_unit,
        "method": "plan without the claim",
        "shared_with": "; ".join(sorted(others)),
    }


def _per_unit(claim: Assumption, base: float, own: float) -> float:
    """Sales per unit of the claim: a hundredth of the baseline, one unit, or as the plan converted money.

    A budget is scored as the money that would have brought what came, whatever it is counted in.
    """
    if claim.unit == "percent" and claim.kind != "budget":
        return base / 100.0
    if claim.unit == "units" and not claim.moved_share:
        return 1.0
    return own / claim.expected if claim.expected else 0.0


def _effects_in(
    name: str, chosen: pd.DataFrame, effects: pd.Series, keys: Sequence[str]
) -> tuple[float, dict[str, float]]:
    """The claim's own effect in its cells, and that of other assumptions there."""
    wanted = pd.MultiIndex.from_frame(chosen[list(keys)])
    inside = effects[effects.index.droplevel("assumption").isin(wanted)]
    sums = inside.groupby(level="assumption").sum()
    others = {
        str(other): float(value)
        for other, value in sums.items()
        if other != name and not str(other).startswith("driver:") and value
    }
    return float(sums.get(name, 0.0)), others


def _noise(chosen: pd.DataFrame) -> float:
    """Standard deviation of sales around the plan: series move together within a period, periods do not."""
    if "p10" not in chosen or "p90" not in chosen:
        return float("nan")
    spread = (chosen["p90"] - chosen["p10"]) / _BAND
    return float(np.sqrt((spread.groupby(chosen["period"]).sum() ** 2).sum()))


def outcomes_from_events(
    round_name: str,
    assumptions: Sequence[Assumption],
    events: pd.DataFrame,
    dimensions: Sequence[str],
    mechanics: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Outcome of promotion claims from the effect methods' estimate of each past event.

    The events in the claim's scope that begin within its dates are added up, their errors in quadrature.

    Parameters
    ----------
    events : DataFrame
        ``start``, the dimensions (blank: all), ``effect`` (sales brought, before moves), ``baseline`` (sales
        without it, over the event's periods) and ``standard_error`` (of the effect), in the plan's measure;
        ``driver`` where `mechanics` are given.
    mechanics : mapping of str to str, optional
        Mechanic of each claim by its id: a claim whose mechanic is a driver meets that driver's events only.

    Returns
    -------
    DataFrame
        As `measure_outcomes`, ``method`` ``estimated event``; claims without an event have no row.
    """
    rows = []
    for claim in sorted(assumptions, key=lambda one: one.id):
        if claim.kind != "promotion" or claim.status not in ("proposed", "accepted"):
            continue
        inside = ((events["start"] >= claim.start) & (events["start"] <= claim.end)).to_numpy()
        for name in (name for name in dimensions if name in claim.scope):
            inside &= events[name].isin([claim.scope[name], ""]).to_numpy()
        mechanic = (mechanics or {}).get(claim.id, "")
        if mechanic and (events["driver"] == mechanic).any():
            inside &= (events["driver"] == mechanic).to_numpy()
        chosen = events[inside]
        base = float(chosen["baseline"].sum())
        per_unit = base / 100.0 if claim.unit == "percent" else 1.0
        if not len(chosen) or claim.unit == "revenue" or per_unit <= 0:
            continue
        rows.append(
            {
                "round": round_name,
                "assumption": claim.id,
                "actual": float(chosen["effect"].sum()) / per_unit,
                "standard_error": float(np.sqrt((chosen["standard_error"] ** 2).sum())) / per_unit,
                "sales_per_unit": per_unit,
                "method": "estimated event",
                "shared_with": "",
            }
        )
    return pd.DataFrame(rows, columns=_COLUMNS)


def outcomes_from_prices(
    round_name: str,
    assumptions: Sequence[Assumption],
    plan: pd.DataFrame,
    elasticities: pd.DataFrame,
    changes: pd.DataFrame,
    dimensions: Sequence[str],
    scenario: str = "as_proposed",
) -> pd.DataFrame:
    """Outcome of price changes claimed in percent of volume: the measured elasticity at the change made.

    With elasticity e and a list price from p0 to p1 the volume changed by (p1 / p0)^e - 1; its error is
    that of e by the delta method. Claims whose volume follows from an elasticity of their own claim a
    price, not a volume, and have no row.

    Parameters
    ----------
    plan : DataFrame
        ``plan.parquet`` of the round, for the baseline the percentages refer to.
    elasticities : DataFrame
        The dimensions (blank: all), ``estimate, standard_error``.
    changes : DataFrame
        ``assumption, ratio``: list price after over before, in the claim's scope.

    Returns
    -------
    DataFrame
        As `measure_outcomes`, ``method`` ``measured elasticity``.
    """
    ratios = dict(zip(changes["assumption"], changes["ratio"], strict=True))
    cells = plan[plan["scenario"] == scenario]
    rows = []
    for claim in sorted(assumptions, key=lambda one: one.id):
        ratio = ratios.get(claim.id, 1.0)
        counted = claim.kind == "price_change" and claim.status in ("proposed", "accepted")
        if not counted or claim.unit != "percent" or claim.elasticity == claim.elasticity:
            continue
        found = _narrowest(elasticities, claim, dimensions)
        scope = (cells["period"] >= claim.start) & (cells["period"] <= claim.end)
        for name, value in claim.scope.items():
            scope &= cells[name] == value
        base = float(cells.loc[scope, "baseline"].sum())
        if found is None or ratio == 1.0 or not ratio > 0 or base <= 0:
            continue
        volume = ratio ** found[0]
        rows.append(
            {
                "round": round_name,
                "assumption": claim.id,
                "actual": 100.0 * (volume - 1.0),
                "standard_error": 100.0 * volume * abs(np.log(ratio)) * found[1],
                "sales_per_unit": base / 100.0,
                "method": "measured elasticity",
                "shared_with": "",
            }
        )
    return pd.DataFrame(rows, columns=_COLUMNS)


def _narrowest(
    effects: pd.DataFrame, claim: Assumption, dimensions: Sequence[str]
) -> tuple[float, float] | None:
    """Estimate and error of the narrowest scope that holds the whole claim."""
    inside = np.ones(len(effects), dtype=bool)
    depth = np.zeros(len(effects), dtype=int)
    for name in (name for name in dimensions if name in effects):
        inside &= effects[name].isin([claim.scope.get(name, ""), ""]).to_numpy()
        depth += (effects[name] != "").to_numpy()
    if not inside.any():
        return None
    place = int(np.argmax(np.where(inside, depth, -1)))
    return float(effects["estimate"].iloc[place]), float(effects["standard_error"].iloc[place])


def prefer_outcomes(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Outcomes of `first`, and of `second` for the claims that `first` does not know.

    >>> one = pd.DataFrame({"round": ["2025Q1"], "assumption": ["A1"], "actual": [5.0]})
    >>> two = pd.DataFrame({"round": ["2025Q1"] * 2, "assumption": ["A1", "A2"], "actual": [9.0, 7.0]})
    >>> prefer_outcomes(one, two)["actual"].tolist()
    [5.0, 7.0]
    """
    both = pd.concat([part for part in (first, second) if len(part)] or [second], ignore_index=True)
    kept = both.drop_duplicates(["round", "assumption"], keep="first")
    return kept.sort_values(["round", "assumption"], ignore_index=True)
