"""A published plan held against what has come in since: sales, leads and spend, period by period."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.periods.round_names import CYCLE_MONTHS, split_round_name
from alignment_lib.inputs.problems import AlignmentError, InputError, Notice, counted
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.odds.quantiles import row_quantiles
from alignment_lib.review.watching import (
    ALARM_RATE,
    BASELINE,
    CLAIM,
    CLAIMS_RATE,
    Explained,
    explain_departure,
    find_boundary,
    foresee_end,
    watch_claims,
)
from alignment_lib.rounds.lazy_tables import filled

if TYPE_CHECKING:
    from alignment_lib.rounds.preparing.known_round import KnownRound

__all__ = ["WATCH_TABLES", "NotWatched", "Watched", "watch_earlier", "watch_snapshot"]

WATCH_TABLES = ("watch", "watch_causes", "watch_beside")
"""Published tables of it."""

_WHOLE_SHARE = 0.95
"""Of a period's plan that the series with a row must hold for the last period to be taken as complete."""
_TOLD = math.log(5.0)
"""Log odds from which sales speak for a claim, or against it: five to one."""


class NotWatched(AlignmentError):
    """A plan that cannot be held against what came in."""

    exit_code = 2


@dataclass(frozen=True)
class Watched:
    """How a plan stands against what came in.

    Attributes
    ----------
    tables : dict of str to DataFrame
        ``watch, watch_causes, watch_beside``: see the published tables of these names.
    notices : tuple of Notice
        Periods left out, series without a row.
    """

    tables: dict[str, pd.DataFrame]
    notices: tuple[Notice, ...] = ()

    @property
    def side(self) -> int:
        """−1 or 1 where all sales, or else a claim's series, left their bounds on that side first; else 0."""
        for name in ("watch", "watch_causes"):
            sides = self.tables[name]["side"].fillna(0)
            if (sides != 0).any():
                return int(sides[sides != 0].iloc[0])
        return 0


@dataclass(frozen=True)
class _Plan:
    """What a snapshot says of its round's open periods, line by line: all sales, and the claims' series."""

    snapshot: Snapshot
    calendar: Calendar
    periods: pd.DatetimeIndex
    draws: np.ndarray
    lines: tuple[pd.MultiIndex | None, ...]
    plan: pd.DataFrame
    bridge: pd.DataFrame
    sold_before: float

    def by_line(self, rows: pd.DataFrame, value: str, count: int) -> np.ndarray:
        """Sums of a table's rows, shape (lines, count of periods from the first)."""
        rows = rows[rows["period"].isin(self.periods[:count])]
        keys = pd.MultiIndex.from_frame(rows[list(self.snapshot.dimensions)].astype(str))
        place = self.periods.get_indexer(pd.DatetimeIndex(rows["period"]))
        weights = rows[value].to_numpy(dtype=float)
        sums = np.zeros((len(self.lines), count))
        for at, line in enumerate(self.lines):
            inside = slice(None) if line is None else keys.isin(line)
            sums[at] = np.bincount(place[inside], weights[inside], minlength=count)
        return sums


def watch_snapshot(
    snapshot: Snapshot, tables: Mapping[str, pd.DataFrame], calendar: Calendar, as_of: pd.Timestamp
) -> Watched:
    """Hold a published round against what came in up to a day.

    Parameters
    ----------
    snapshot : Snapshot
        The plan.
    tables : mapping of str to DataFrame
        The workspace's ``sales``, and its ``leads`` and ``spend`` where there are any.
    calendar : Calendar
        Its periods.
    as_of : Timestamp
        Nothing later is read; a period counts once it has ended.

    Raises
    ------
    NotWatched
        A plan seen from a later day, published without draws, or in another measure or other dimensions
        than the sales now.
    """
    sales = _check(snapshot, tables["sales"], as_of)
    plan = _read(snapshot, calendar)
    known, notices = _known(plan, sales, as_of)
    sold = plan.by_line(sales, str(snapshot.manifest["measure"]), known)
    watch = _weeks(plan, sold[0])
    found = {
        "watch": watch,
        "watch_causes": _causes(plan, sold),
        "watch_beside": _beside(plan, tables, known),
    }
    return Watched(found, tuple(notices))


def watch_earlier(ready: KnownRound, earlier: Iterable[Snapshot]) -> dict[str, pd.DataFrame]:
    """The latest of some rounds with its draws, against what came in since; empty where none has."""
    drawn = [one for one in earlier if one.has("watch_draws") and len(one.read("watch_draws"))]
    workspace = ready.workspace
    for snapshot in drawn[-1:]:
        with contextlib.suppress(NotWatched):
            found = watch_snapshot(snapshot, workspace.tables, workspace.calendar, ready.round.as_of)
            return filled(found.tables)
    return {}


def _check(snapshot: Snapshot, sales: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    name, made = snapshot.round, pd.Timestamp(snapshot.manifest["as_of"])
    if as_of < made:
        raise NotWatched(
            f"the plan of {name} was made as of {made:%Y-%m-%d}, and it is to be watched as of "
            f"{as_of:%Y-%m-%d}: nothing has come in by then; leave out --as-of, or name a later day"
        )
    if not snapshot.has("watch_draws") or snapshot.read("watch_draws").empty:
        raise NotWatched(
            f"the plan of {name} was published without its draws by period, which sales are held against; "
            f"plan the round again with this version: alignment plan --round {name}"
        )
    measure = str(snapshot.manifest["measure"])
    missing = [column for column in (measure, *snapshot.dimensions) if column not in sales]
    if missing:
        raise NotWatched(
            f"the plan of {name} counts {measure} by {', '.join(snapshot.dimensions)}; the sales now have no "
            f"{' and no '.join(missing)}: plan the round again as the workspace is now"
        )
    return sales


def _read(snapshot: Snapshot, calendar: Calendar) -> _Plan:
    drawn = snapshot.read("watch_draws").sort_values(["period", "draw"], kind="stable")
    periods = pd.DatetimeIndex(drawn["period"].unique())
    names = [str(column) for column in drawn.columns if str(column).startswith(CLAIM)]
    lines = drawn[["whole", *names]].to_numpy(dtype=float)
    headline = snapshot.manifest["scenario"]
    plan, bridge = snapshot.read("plan"), snapshot.read("bridge")
    plan, bridge = plan[plan["scenario"] == headline], bridge[bridge["scenario"] == headline]
    cycle, month = split_round_name(snapshot.round, calendar)
    of_round = plan[plan["period"].isin(calendar.months_span(month, CYCLE_MONTHS[cycle]))]
    bridge = bridge[bridge["period"].isin(periods)]
    before = of_round.loc[~of_round["period"].isin(periods), "plan"].sum()
    scopes = [_scope(bridge[bridge["assumption"] == name[len(CLAIM) :]], snapshot) for name in names]
    return _Plan(
        snapshot=snapshot,
        calendar=calendar,
        periods=periods,
        draws=lines.reshape(len(periods), -1, len(names) + 1).transpose(2, 0, 1),
        lines=(None, *scopes),
        plan=of_round[of_round["period"].isin(periods)],
        bridge=bridge,
        sold_before=float(before),
    )


def _scope(effect: pd.DataFrame, snapshot: Snapshot) -> pd.MultiIndex:
    """Series that a claim adds to, or takes from, whichever it does in all: as `watched_draws` drew them."""
    sums = effect.groupby(list(snapshot.dimensions), sort=True)["effect"].sum()
    kept = sums[sums * (float(sums.sum()) or 1.0) > 0].index
    return pd.MultiIndex.from_frame(kept.to_frame(index=False).astype(str))


def _known(plan: _Plan, sales: pd.DataFrame, as_of: pd.Timestamp) -> tuple[int, list[Notice]]:
    """How many of the plan's periods are known, one after the other, and what was left out."""
    notices: list[Notice] = []
    ended = plan.calendar.ends(plan.periods) <= as_of
    has_rows = plan.periods.isin(sales["period"].unique())
    whole = ended & has_rows
    count = int(np.argmin(whole)) if not whole.all() else len(whole)
    later = int((ended & has_rows)[count:].sum())
    if later:
        text = (
            f"There are no sales of {plan.periods[count]:%Y-%m-%d}: it and the {counted(later, 'period')} "
            "known after it are not watched. Add them, as rows of 0 where nothing was sold."
        )
        notices.append(Notice("watch_gap", text))
    if count:
        last = plan.periods[count - 1]
        names = list(plan.snapshot.dimensions)
        planned = plan.plan[plan.plan["period"] == last].set_index(names)["plan"]
        planned.index = pd.MultiIndex.from_frame(planned.index.to_frame(index=False).astype(str))
        here = pd.MultiIndex.from_frame(sales.loc[sales["period"] == last, names].astype(str))
        absent = ~planned.index.isin(here) & (planned.to_numpy() > 0)
        share = 1.0 - float(planned[absent].sum()) / max(float(planned.clip(lower=0).sum()), 1e-300)
        if share < _WHOLE_SHARE:
            count -= 1
            text = (
                f"{last:%Y-%m-%d} is not watched yet: {counted(int(absent.sum()), 'planned series')} "
                f"without a row in sales, {Said(1 - share):.0%} of its plan."
            )
            notices.append(Notice("watch_unfinished", text.replace("seriess", "series")))
    return count, notices


def _weeks(plan: _Plan, sold: np.ndarray) -> pd.DataFrame:
    """The table ``watch``: one row for each open period of the round."""
    draws, known = plan.draws[0], len(sold)
    boundary = find_boundary(draws, ALARM_RATE - CLAIMS_RATE)
    planned = plan.by_line(plan.plan, "plan", len(plan.periods))[0]
    unknown = np.full(len(planned) - known, math.nan)
    ends = [foresee_end(draws, sold[: at + 1]) for at in range(known)]
    quantiles = row_quantiles(np.stack(ends), [0.1, 0.5, 0.9]) if ends else np.empty((3, 0))
    closed = {
        name: np.concatenate([found + plan.sold_before, unknown])
        for name, found in zip(("end_p10", "end_p50", "end_p90"), quantiles, strict=True)
    }
    sums = sold.cumsum()
    below = (draws[:known].cumsum(axis=0) <= sums[:, None]).mean(axis=1)
    return pd.DataFrame(
        {
            "round": plan.snapshot.round,
            "period": plan.periods,
            "plan": planned,
            "actual": np.concatenate([sold, unknown]),
            "planned_so_far": planned.cumsum(),
            "sold_so_far": np.concatenate([sums, unknown]),
            "low": boundary.low,
            "high": boundary.high,
            "below_share": np.concatenate([below, unknown]),
            **closed,
            "side": np.concatenate([boundary.side(sums).astype(float), unknown]),
            "alarm_rate": ALARM_RATE,
            "draws": float(draws.shape[1]),
        }
    )


def _causes(plan: _Plan, sold: np.ndarray) -> pd.DataFrame:
    """The table ``watch_causes``: the baseline, and every claim of which anything was due by now."""
    known = sold.shape[1]
    columns = ["round", "cause", "planned", "came_share", "error_share", "chance", "side", "verdict"]
    if not known:
        return pd.DataFrame(columns=columns)
    shapes = _shapes(plan)
    so_far = {name: shape[:, :known] for name, shape in shapes.items() if shape[:, :known].any()}
    found = explain_departure(plan.draws[:, :known], sold, so_far)
    claims = {name: shape for name, shape in shapes.items() if name != BASELINE}
    sides = watch_claims(plan.draws, sold, claims, CLAIMS_RATE)
    table = {
        "round": plan.snapshot.round,
        "cause": found.names,
        "planned": [float(so_far[name][0].sum()) for name in found.names],
        "came_share": 1.0 + found.size,
        "error_share": np.where(np.isfinite(found.error), found.error, math.nan),
        "chance": found.chance,
        "side": [float(sides.get(name, 0)) for name in found.names],
        "verdict": _verdicts(found),
    }
    return pd.DataFrame(table, columns=columns)


def _shapes(plan: _Plan) -> dict[str, np.ndarray]:
    """What the plan holds of the baseline, driver calendar included, and of every claim, cell by cell."""
    count = len(plan.periods)
    driven = plan.bridge["assumption"].astype(str).str.startswith("driver:")
    base = plan.by_line(plan.plan, "baseline", count) + plan.by_line(plan.bridge[driven], "effect", count)
    shapes = {BASELINE: base}
    for name, rows in plan.bridge[~driven].groupby("assumption", sort=True):
        shape = plan.by_line(rows, "effect", count)
        if shape.any():
            shapes[str(name)] = shape
    return shapes


def _verdicts(found: Explained) -> list[str]:
    """Whether sales speak for a claim or against it: that it came as planned, or that nothing of it came."""
    verdicts = []
    for size, error in zip(found.size, found.error, strict=True):
        # Log likelihood of "as planned" less that of "nothing came": a normal one in the share.
        odds = 0.0 if not math.isfinite(error) else (0.5 + size) / error**2
        verdicts.append("for" if odds > _TOLD else "against" if odds < -_TOLD else "open")
    return verdicts


def _beside(plan: _Plan, tables: Mapping[str, pd.DataFrame], known: int) -> pd.DataFrame:
    """The table ``watch_beside``: leads against those the plan needs, money against its budget."""
    columns = ["round", "what", "part", "planned", "actual", "probability"]
    rows: list[tuple[object, ...]] = []
    for compare in (_leads, _spend) if known else ():
        # A table that another version published in another form says nothing here, and stops nothing.
        with contextlib.suppress(InputError):
            rows += compare(plan, tables, known)
    return pd.DataFrame(rows, columns=columns)


def _leads(plan: _Plan, tables: Mapping[str, pd.DataFrame], known: int) -> list[tuple[object, ...]]:
    """Leads by source; the chance allows for how much more than by pure chance their number varied before."""
    leads, snapshot = tables.get("leads"), plan.snapshot
    if leads is None or not snapshot.has("funnel"):
        return []
    funnel = snapshot.read("funnel")
    due = funnel[(funnel["stage"] == "leads") & funnel["period"].isin(plan.periods[:known])]
    if due.empty:
        return []
    period = plan.calendar.floor(pd.DatetimeIndex(leads["created"]))
    source = leads["source"].astype(str).to_numpy()
    first = plan.periods[0]
    rows: list[tuple[object, ...]] = []
    for part, required in due.groupby("source", sort=True)["required"].sum().items():
        of_part = np.ones(len(leads), dtype=bool) if part == "" else source == part
        came = int((of_part & period.isin(plan.periods[:known])).sum())
        before = plan.calendar.range(plan.calendar.shift(first, -plan.calendar.season), plan.calendar.season)
        counts = pd.Series(period[of_part]).value_counts().reindex(before, fill_value=0).to_numpy(dtype=float)
        dispersion = max(1.0, float(counts.var() / counts.mean()) if counts.mean() > 0 else 1.0)
        chance = float(special.ndtr((came + 0.5 - required) / math.sqrt(max(required * dispersion, 1e-9))))
        rows.append((snapshot.round, "leads", str(part), float(required), float(came), chance))
    return rows


def _spend(plan: _Plan, tables: Mapping[str, pd.DataFrame], known: int) -> list[tuple[object, ...]]:
    """Money by source against its budget of the round, as if that were spent evenly."""
    spend, snapshot = tables.get("spend"), plan.snapshot
    if spend is None or not snapshot.has("budget") or snapshot.read("budget").empty:
        return []
    budget = snapshot.read("budget").drop_duplicates("source")
    inside = spend[spend["period"].isin(plan.periods[:known])]
    spent = inside.groupby(inside["source"].astype(str))["amount"].sum()
    share = known / len(plan.periods)
    return [
        (
            snapshot.round,
            "spend",
            str(source),
            float(planned) * share,
            float(spent.get(str(source), 0.0)),
            math.nan,
        )
        for source, planned in zip(budget["source"], budget["planned"], strict=True)
    ]
