"""What a live plan shows while it changes: the charts of the report and its first line, from live figures."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from alignment_lib.answers.charts.fan import draw_fan
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.odds_strip import draw_odds_strip
from alignment_lib.answers.charts.part_bars import draw_part_bars
from alignment_lib.answers.facts import name_contributor
from alignment_lib.answers.leads.leads_needed import draw_leads
from alignment_lib.answers.odds_words import OddsWords
from alignment_lib.answers.plan.bridge import draw_steps
from alignment_lib.answers.side_by_side import draw_totals, tabulate_steps, tabulate_totals
from alignment_lib.answers.tables import Table
from alignment_lib.answers.wording import choose_scale, say_value, write_change, write_odds, write_share
from alignment_lib.rounds.live.comparison import Comparison
from alignment_lib.rounds.live.figures import Figures, SpanOdds
from alignment_lib.rounds.live.live_round import SPAN, LiveRound
from alignment_lib.rounds.live.money_figures import money_of

__all__ = ["Pictures", "headline_facts", "odds_fact"]

_PAST = {"month": 12, "quarter": 6}
_ONE_AT_A_TIME = threading.Lock()


class Pictures:
    """Draws a round's charts; what the past contributes is summed once.

    Parameters
    ----------
    live : LiveRound
        The round.
    """

    def __init__(self, live: LiveRound) -> None:
        self._live = live
        self._pasts: dict[tuple[tuple[str, str], ...], pd.DataFrame] = {}
        self._names = {row.id: f"{row.id} {row.title}" for row in live.register}
        ready = live.ready
        self.period = ready.round.name
        self._currency = ready.workspace.settings.business.currency
        self.unit = self._currency if ready.history.measure == "revenue" else ready.history.measure

    def names(self, figures: Figures, odds: SpanOdds | None) -> list[str]:
        """The charts there are: ``time, odds, bridge``, and ``types, leads`` where there are any."""
        there = {"types": len(figures.types) > 0, "leads": odds is not None and len(odds.leads) > 0}
        return [name for name in _DRAWN if there.get(name, True)]

    def draw(self, name: str, figures: Figures, odds: SpanOdds | None) -> Chart:
        """One chart by its name."""
        # Sessions of a page draw in threads of their own; a drawing library need not bear that.
        with _ONE_AT_A_TIME:
            return _DRAWN[name](self, figures, odds)

    def period_of(self, scope: Mapping[str, str]) -> str:
        """The span a scope's sums are of: the round, or the one chosen."""
        return scope.get(SPAN, self.period)

    def say_scope(self, scope: Mapping[str, str]) -> str:
        """The sales and the span of a scope in words."""
        named = [say_value(value) for name, value in scope.items() if name != SPAN]
        return ", ".join([*(named or ["all sales"]), self.period_of(scope)])

    def say_money(self, revenue: float) -> str:
        """What the plan brings, beside its units; blank where it is money itself or no price is known."""
        if not math.isfinite(revenue) or self.unit == self._currency:
            return ""
        return choose_scale([revenue], self._currency).say(revenue)

    def money_fact(self, figures: Figures) -> list[dict[str, str]]:
        """What the plan leaves in money, where costs are known: profit after marketing, else margin."""
        found = money_of(self._live, figures)
        if not found:
            return []
        scale = choose_scale(found.values(), self._currency)
        if "profit" not in found:
            return [{"label": "Margin", "value": scale.say(found["margin"]), "remark": "no spend is known"}]
        remark = f"margin {scale.write(found['margin'])}, marketing spend {scale.write(found['spend'])}"
        return [{"label": "Profit after marketing", "value": scale.say(found["profit"]), "remark": remark}]

    def compare(self, found: Comparison, scope: Mapping[str, str] | None = None) -> tuple[Chart, list[Table]]:
        """Scenarios side by side, for the sales within a scope: on one scale, then in figures."""
        scope = scope or {}
        unit, words = self.unit, self.say_scope(scope)
        chart = draw_totals(found.totals, unit=unit, period=words, target=self._live.target_of(scope))
        totals = tabulate_totals(found.totals, unit=unit, currency=self._currency, period=words)
        steps = tabulate_steps(found.steps, self._names, unit=unit, period=words)
        return chart, [totals, *([steps] if steps is not None else [])]

    def _draw_time(self, figures: Figures, odds: SpanOdds | None) -> Chart:
        sums = self._past(figures.scope)
        spans = figures.spans.merge(sums[["label", "prior"]], on="label", how="left")
        bands = odds.spans if odds is not None else pd.DataFrame({"label": [], "p10": [], "p90": []})
        spans = spans.merge(bands, on="label", how="left")
        past = sums[~sums["label"].isin(spans["label"]) & sums["actual"].notna()]
        table = pd.concat([past.tail(_PAST[self._live.cycle]), spans], ignore_index=True)
        table["target"] = [self._span_target(label, figures.scope) for label in table["label"]]
        text = "Plan over time" if figures.rows else "Plan over time without assumptions"
        return draw_fan(table, name="x-time", title=_title(text, figures.scope), unit=self.unit)

    def _past(self, scope: Mapping[str, str]) -> pd.DataFrame:
        only = {name: value for name, value in scope.items() if name != SPAN}
        key = tuple(sorted(only.items()))
        if key not in self._pasts:
            self._pasts[key] = _sum_past(self._live, only)
        return self._pasts[key]

    def _span_target(self, label: str, scope: Mapping[str, str]) -> float:
        targets = self._live.ready.targets
        whole = targets["label"] == label
        for name in self._live.ready.dimensions:
            whole &= targets[name] == scope.get(name, "")
        return float(targets.loc[whole, "target"].sum()) if whole.any() else math.nan

    def _draw_odds(self, figures: Figures, odds: SpanOdds | None) -> Chart:
        known: Mapping[str, float] = odds.round if odds is not None else {"target": figures.target}
        return draw_odds_strip(
            {**known, "plan": figures.total},
            name="x-odds",
            title=_title("Odds", figures.scope),
            unit=self.unit,
            period=self.period_of(figures.scope),
        )

    def _draw_types(self, figures: Figures, odds: SpanOdds | None) -> Chart:
        return draw_part_bars(
            figures.types.assign(label=figures.types["label"].map(say_value)),
            name="x-types",
            title=_title("Types of sale", figures.scope),
            unit=self.unit,
            period=self.period_of(figures.scope),
        )

    def _draw_leads(self, figures: Figures, odds: SpanOdds | None) -> Chart:
        return draw_leads(odds.leads if odds is not None else pd.DataFrame())

    def _draw_bridge(self, figures: Figures, odds: SpanOdds | None) -> Chart:
        changes = sorted(figures.effects, key=lambda item: (-abs(item[1]), item[0]))
        named = [(name_contributor(key, self._names), value) for key, value in changes]
        return draw_steps(
            pd.DataFrame(named, columns=["title", "effect"]).astype({"effect": float}),
            (figures.baseline, figures.total, figures.target),
            name="x-bridge",
            title=_title("From baseline to plan", figures.scope),
            unit=self.unit,
            period=self.period_of(figures.scope),
        )


_DRAWN: dict[str, Callable[[Pictures, Figures, SpanOdds | None], Chart]] = {
    "time": Pictures._draw_time,
    "odds": Pictures._draw_odds,
    "bridge": Pictures._draw_bridge,
    "types": Pictures._draw_types,
    "leads": Pictures._draw_leads,
}


def _title(text: str, scope: Mapping[str, str]) -> str:
    return ", ".join([text, *(say_value(value) for name, value in scope.items() if name != SPAN)])


def headline_facts(pictures: Pictures, figures: Figures) -> list[dict[str, str]]:
    """The figures of the first line, in words: label, value and a remark each."""
    target = figures.target
    scale = choose_scale([figures.total, figures.baseline], pictures.unit)
    facts = [
        {
            "label": _title(f"Plan {pictures.period_of(figures.scope)}", figures.scope),
            "value": scale.say(figures.total),
            "beside": pictures.say_money(figures.revenue),
            "remark": f"{write_change(figures.total, figures.baseline)} on the baseline of "
            f"{scale.write(figures.baseline)}",
        }
    ]
    if math.isfinite(target):
        gap = figures.total - target
        facts.append(
            {
                "label": "Target",
                "value": scale.say(target),
                "remark": f"plan is {scale.write(abs(gap))} {'above' if gap >= 0 else 'below'}",
            }
        )
    return [*facts, *pictures.money_fact(figures)]


def odds_fact(odds: SpanOdds | None, figures: Figures, unit: str, years: float = math.nan) -> dict[str, str]:
    """The odds, learnt from `years` of sales, in words; a dash where there are none yet."""
    if odds is None:
        return {"label": "Odds of the target", "value": "–", "remark": "being worked out"}
    scale = choose_scale([figures.total], unit)
    band = f"eight times in ten {scale.write(odds.round['p10'])} to {scale.write(odds.round['p90'])}"
    if math.isfinite(odds.round["error_share"]):
        band += f", ± {write_share(odds.round['error_share'])} from the number of draws"
    if "probability" not in odds.round:
        return {"label": "Range", "value": f"P50 {scale.write(odds.round['p50'])}", "remark": band}
    chance = odds.round["probability"]
    words = OddsWords(chance, figures.total, figures.target, odds.round["p50"], years)
    said = "; ".join(text for text in (words.reason(scale.say(words.middle)), words.caution(), band) if text)
    return {"label": "Odds of the target", "value": write_odds(chance), "remark": said}


def _sum_past(live: LiveRound, scope: Mapping[str, str]) -> pd.DataFrame:
    """Actual sales by span with those of the year before: ``label, actual, prior``."""
    history, calendar = live.ready.history, live.ready.workspace.calendar
    inside = np.ones(len(history.keys), dtype=bool)
    for name, value in scope.items():
        inside &= (history.keys[name].astype(str) == value).to_numpy()
    total = pd.DataFrame(history.values[inside]).sum(axis=0, min_count=1)
    frame = pd.DataFrame({"label": calendar.label(history.periods, live.cycle), "value": total})
    periods = pd.DatetimeIndex(history.periods)
    shifted = periods + (pd.Timedelta(days=364) if calendar.grain == "week" else pd.DateOffset(years=1))
    later = pd.DataFrame({"label": calendar.label(pd.DatetimeIndex(shifted), live.cycle), "value": total})
    sums = [_whole_spans(part) for part in (frame, later)]
    return pd.concat([sums[0].rename("actual"), sums[1].rename("prior")], axis=1).sort_index().reset_index()


def _whole_spans(frame: pd.DataFrame) -> pd.Series[float]:
    """Sums by span; the first and the last span are left out unless they are as long as their kind."""
    grouped = frame.groupby("label", sort=True)["value"]
    sums, sizes = grouped.sum(min_count=1), grouped.size()
    whole = sizes >= sizes.min() if len(sizes) < 3 else sizes >= sizes.iloc[1:-1].min()
    return sums[whole]
