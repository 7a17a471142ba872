"""Leads and contacts: in order, and with the truth in them."""

import itertools

import numpy as np
import pandas as pd
import pytest

from data.generator import Demo
from data.generator.contacts import open_hours
from data.generator.funnel_truth import SOURCES, FunnelTruth
from data.generator.leads import REJECTION_REASONS, LeadsDraw, draw_leads
from data.generator.weeks import AS_OF, quarters_of, weeks
from data.generator.written import campaign_windows


@pytest.fixture(scope="module")
def leads(demo: Demo) -> pd.DataFrame:
    table = demo.tables["leads"]
    day = table["created"].dt.normalize()
    monday = pd.DatetimeIndex(day - pd.to_timedelta(day.dt.weekday, unit="D"))
    return table.assign(quarter=quarters_of(monday), won=table["outcome"] == "won")


@pytest.fixture(scope="module")
def contacts(demo: Demo) -> pd.DataFrame:
    return demo.tables["contacts"]


@pytest.fixture(scope="module")
def many() -> list[LeadsDraw]:
    return [draw_leads(seed, FunnelTruth(), campaign_windows()) for seed in range(8)]


def test_about_six_thousand_leads_have_unique_names(leads: pd.DataFrame) -> None:
    assert 5500 < len(leads) < 6500
    assert leads["lead_id"].is_unique
    assert set(leads["source"]) == set(SOURCES)
    assert set(leads["device"]) == {"web", "mobile", ""}


def test_stages_follow_one_another(leads: pd.DataFrame) -> None:
    order = ["created", "accepted_at", "opportunity_at", "closed_at"]
    for earlier, later in itertools.pairwise(order):
        both = leads[earlier].notna() & leads[later].notna()
        assert (leads.loc[both, earlier] <= leads.loc[both, later]).all(), later
    assert (leads["rejected_at"].dropna() >= leads.loc[leads["rejected_at"].notna(), "created"]).all()


def test_a_rejected_lead_has_a_reason_and_goes_no_further(
    leads: pd.DataFrame, contacts: pd.DataFrame
) -> None:
    rejected = leads["rejected_at"].notna()
    assert rejected.sum() > 500
    assert leads.loc[rejected, "rejected_reason"].isin(REJECTION_REASONS).all()
    assert (leads.loc[~rejected, "rejected_reason"] == "").all()
    assert leads.loc[rejected, ["accepted_at", "opportunity_at", "closed_at"]].isna().all(axis=None)
    assert not contacts["lead_id"].isin(leads.loc[rejected, "lead_id"]).any()


def test_outcome_date_and_amount_go_together(leads: pd.DataFrame) -> None:
    assert ((leads["outcome"] != "") == leads["closed_at"].notna()).all()
    assert (leads["won"] == leads["amount"].notna()).all()
    assert leads.loc[leads["won"], "opportunity_at"].notna().all()
    assert (leads.loc[leads["won"], "amount"] > 0).all()


def test_nothing_is_dated_on_or_after_the_as_of_date(leads: pd.DataFrame, contacts: pd.DataFrame) -> None:
    for column in ("created", "accepted_at", "rejected_at", "opportunity_at", "closed_at"):
        assert leads[column].max() < AS_OF
    assert contacts["at"].max() < AS_OF


def test_contacts_follow_creation_and_acceptance_and_end_when_reached(
    leads: pd.DataFrame, contacts: pd.DataFrame
) -> None:
    joined = contacts.merge(leads, on="lead_id", validate="m:1")
    assert (joined["at"] > joined["created"]).all()
    accepted = joined["accepted_at"].notna()
    assert (joined.loc[accepted, "at"] >= joined.loc[accepted, "accepted_at"]).all()
    assert contacts.groupby("lead_id")["at"].apply(lambda at: at.is_monotonic_increasing).all()
    last = contacts.groupby("lead_id")["at"].transform("max")
    assert (contacts.loc[contacts["reached"] == "yes", "at"] == last[contacts["reached"] == "yes"]).all()
    assert contacts.loc[contacts["call_quality"].notna(), "reached"].eq("yes").all()
    assert contacts["call_quality"].dropna().between(0, 1).all()


def test_a_won_lead_was_reached_before_it_was_an_opportunity(
    leads: pd.DataFrame, contacts: pd.DataFrame
) -> None:
    reached = contacts[contacts["reached"] == "yes"].set_index("lead_id")["at"]
    won = leads[leads["won"]]
    assert (won["lead_id"].map(reached) <= won["opportunity_at"]).all()


def test_contacts_are_made_in_opening_hours(contacts: pd.DataFrame) -> None:
    assert contacts["at"].dt.hour.between(8, 17).all()
    assert open_hours(np.array([17 * 60 + 59])).tolist() == [17 * 60 + 59]


def test_products_are_asked_for_only_while_on_sale(leads: pd.DataFrame) -> None:
    span = leads.groupby("product")["created"].agg(["min", "max"])
    assert span.loc["Compact Machine", "min"] >= pd.Timestamp("2024-03-04")
    assert span.loc["Filter Machine", "max"] < pd.Timestamp("2025-04-28")


def test_quality_differs_by_source_as_stated(leads: pd.DataFrame) -> None:
    rate = leads.groupby("source")["won"].mean()
    assert rate["partner referral"] > rate["web form"] > rate["social ads"] > rate["bought list"]
    assert rate["partner referral"] > 0.35
    assert rate["bought list"] < 0.08


def test_rejections_of_social_ads_rise_through_the_last_year(leads: pd.DataFrame) -> None:
    social = leads[leads["source"] == "social ads"]
    rate = social["rejected_at"].notna().groupby(social["quarter"]).mean()
    assert rate["2024Q4"] < 0.10
    assert rate["2025Q1"] < rate["2025Q3"] < rate["2025Q4"]
    assert rate["2025Q4"] > 0.25
    other = social["campaign"] != "lookalike audience"
    plain = social[other]["rejected_at"].notna().groupby(social[other]["quarter"]).mean()
    assert plain["2025Q4"] < 0.20, "the campaign explains the rise"


def test_contact_was_slow_and_rare_in_one_quarter(demo: Demo, leads: pd.DataFrame) -> None:
    chances = demo.leads.chances.assign(quarter=leads["quarter"], rejected=leads["rejected_at"].notna())
    wait = chances.groupby("quarter")["wait_days"].median()
    assert wait["2025Q3"] > 1.7 * wait["2025Q2"]
    taken_up = (
        chances[~chances["rejected"]].groupby("quarter")["wait_days"].apply(lambda days: days.notna().mean())
    )
    assert taken_up["2025Q3"] == pytest.approx(0.77, abs=0.06)
    assert taken_up["2025Q2"] > 0.88


def test_waiting_costs_wins_at_the_stated_slope(many: list[LeadsDraw]) -> None:
    """Logistic regression of decided, reached leads, by Newton's steps, over eight draws."""
    frames = [draw.chances.merge(draw.leads, on="lead_id") for draw in many]
    table = pd.concat(frames, ignore_index=True)
    table = table[table["reached"] & (table["created"] < AS_OF - pd.Timedelta(days=180))]
    slope, error = _wait_slope(table)
    assert error < 0.05
    assert slope == pytest.approx(-0.75, abs=3 * error)


def _wait_slope(table: pd.DataFrame) -> tuple[float, float]:
    dummies = [pd.get_dummies(table[name], dtype=float) for name in ("source", "product", "campaign")]
    parts = [dummies[0], dummies[1].iloc[:, 1:], dummies[2][["lookalike audience", "list B", "brand terms"]]]
    mobile = (table["device"] == "mobile").to_numpy(dtype=float)
    talk = table["call_quality"].to_numpy() - 0.65
    x = np.column_stack([np.log1p(table["wait_days"]), talk, mobile, *[part.to_numpy() for part in parts]])
    y = (table["outcome"] == "won").to_numpy(dtype=float)
    weights = np.zeros(x.shape[1])
    for _ in range(12):
        chance = 1.0 / (1.0 + np.exp(-x @ weights))
        information = (x * (chance * (1.0 - chance))[:, None]).T @ x
        weights = weights + np.linalg.solve(information, x.T @ (y - chance))
    return float(weights[0]), float(np.sqrt(np.linalg.inv(information)[0, 0]))


def test_win_probabilities_are_calibrated(many: list[LeadsDraw]) -> None:
    table = pd.concat([draw.chances.merge(draw.leads, on="lead_id") for draw in many], ignore_index=True)
    old = table[table["reached"] & (table["created"] < AS_OF - pd.Timedelta(days=180))]
    tenth = pd.qcut(old["win_probability"], 10)
    gap = (old["outcome"] == "won").groupby(tenth, observed=True).mean() - old.groupby(tenth, observed=True)[
        "win_probability"
    ].mean()
    assert gap.abs().max() < 0.035


def test_talk_is_poorer_before_a_brief_is_acknowledged(many: list[LeadsDraw]) -> None:
    late = {"Spring machine offer", "Summer House Blend", "November machine week"}
    known = {"Easter front page", "Back to office", "Advent points"}
    table = pd.concat([draw.chances.merge(draw.leads, on="lead_id") for draw in many], ignore_index=True)
    reached = table[table["reached"]]
    poor = reached[reached["campaign"] == "November machine week"]["call_quality"].mean()
    good = reached[reached["campaign"].isin(known)]["call_quality"].mean()
    assert good - poor == pytest.approx(0.15, abs=0.04)
    assert late | known <= set(table["campaign"])


def test_funnel_counts_agree_with_the_leads(demo: Demo, leads: pd.DataFrame) -> None:
    counts = demo.tables["funnel"]
    assert not counts.duplicated(["period", "source", "device"]).any()
    assert counts["leads"].sum() == leads["source"].isin(["web form", "search ads", "social ads"]).sum()
    assert (counts["visitors"] >= counts["leads"]).all()
    assert list(counts.columns) == ["period", "source", "device", "visitors", "leads"], (
        "nothing known only later"
    )
    assert counts["period"].max() == weeks()[weeks() < AS_OF][-1]
