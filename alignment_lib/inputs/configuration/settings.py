"""What ``planning.toml`` may say, as typed values.

The models only describe and validate; `alignment_lib.inputs.configuration.settings_reader` reads the file and
turns every fault into a located problem. A model's ``ValueError`` text is written to follow the
words "found …, expected".
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from alignment_lib.inputs.configuration.budget_settings import BudgetSettings
from alignment_lib.inputs.configuration.calendar_settings import CalendarSettings
from alignment_lib.inputs.configuration.format_settings import FormatSettings
from alignment_lib.inputs.configuration.life_settings import LifeSettings
from alignment_lib.inputs.configuration.round_settings import AnyOwner, RoundSettings
from alignment_lib.inputs.dictionary import reserved_names
from alignment_lib.inputs.periods.calendar import Cycle

__all__ = [
    "PLACEHOLDER",
    "BusinessSettings",
    "CalendarSettings",
    "CorrelationSettings",
    "DriverColumn",
    "DriverSettings",
    "ForecastSettings",
    "FormatSettings",
    "FunnelSettings",
    "IncentiveSettings",
    "KeptSettings",
    "OverrideSettings",
    "PlanSettings",
    "ProfitSettings",
    "SalesSettings",
    "Settings",
    "Source",
]

PUBLISHED_NAMES = frozenset(
    (
        *("scenario", "baseline", "plan", "p2_5", "p10", "p50", "p90", "p97_5", "assumption", "effect"),
        *("span", "probability", "stream", "value"),
    )
)
"""Columns of the published files; no dimension may bear them either."""

_CURRENCY = re.compile(r"[A-Z]{3}")


class _Section(BaseModel):
    """A section of the file: nothing unknown, nothing changed after reading, no silent conversion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _members(value: Any) -> Any:
    return (value,) if isinstance(value, str) else _listed(value)


def _check_name(name: str) -> str:
    if name != name.strip() or not name.isprintable():
        raise ValueError("a name without spaces around it or control characters")
    if name in reserved_names() | PUBLISHED_NAMES:
        raise ValueError(f"a name the tables do not use themselves; rename the column `{name}`")
    return name


Name = Annotated[str, StringConstraints(min_length=1, max_length=60)]
ColumnName = Annotated[
    Name, BeforeValidator(lambda value: _check_name(value) if isinstance(value, str) else value)
]


PLACEHOLDER = re.compile(r"\$\{(ALIGNMENT_[A-Za-z0-9_]+)\}")
"""A secret's place in a url. Only variables of this prefix are filled in: a workspace that comes from
elsewhere must not be able to send other secrets of this machine to a server of its choice."""
_SECRET_OPTION = re.compile(r"[?&]([^=&]*(?:pass|pwd|secret|token|key)[^=&]*)=([^&]*)", re.IGNORECASE)
_READS = re.compile(r"\s*(select|with|values|from)\b", re.IGNORECASE)


class Source(_Section):
    """Where a table stands: a file inside the workspace (and its sheet), or a query of a database."""

    file: str = ""
    sheet: str = ""
    url: str = ""
    query: str = ""

    @field_validator("file")
    @classmethod
    def _inside(cls, file: str) -> str:
        if "://" in file:
            raise ValueError('a file inside the workspace folder, or { url = "…", query = "SELECT …" }')
        # A Windows user's backslash parts folders on every system.
        file = file.replace("\\", "/")
        parts = PurePosixPath(file).parts
        outside = not parts or file.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:|~", file)
        if outside or not file.isprintable():
            raise ValueError("a file inside the workspace folder, without `..` and not absolute")
        return file

    @field_validator("url")
    @classmethod
    def _without_secret(cls, url: str) -> str:
        if not (PLACEHOLDER.fullmatch(url) or "://" in url) or not url.isprintable():
            raise ValueError('a url such as "postgresql://planner:${ALIGNMENT_DB_PASSWORD}@host/shop"')
        user = url.partition("://")[2].rpartition("@")[0]
        given = [user.partition(":")[2], *(match[1] for match in _SECRET_OPTION.findall(url))]
        if any(word and not PLACEHOLDER.fullmatch(word) for word in given):
            raise ValueError("the secret as ${ALIGNMENT_…}, an environment variable, never in this file")
        if "${" in PLACEHOLDER.sub("", url):
            raise ValueError("variables whose names begin with ALIGNMENT_, as ${ALIGNMENT_DB_PASSWORD}")
        return url

    @field_validator("query")
    @classmethod
    def _one_question(cls, query: str) -> str:
        bare = re.sub(r"'(?:[^']|'')*'", "", query).strip().removesuffix(";")
        if not _READS.match(bare) or ";" in bare:
            raise ValueError("one SELECT statement")
        return query

    @model_validator(mode="after")
    def _one_place(self) -> Source:
        if bool(self.url) != bool(self.query) or bool(self.url) == bool(self.file):
            raise ValueError('a file, or { url = "…", query = "SELECT …" }')
        return self


AnySource = Annotated[
    Source, BeforeValidator(lambda value: {"file": value} if isinstance(value, str) else value)
]


class BusinessSettings(_Section):
    """``[business]``: whose plan it is."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    currency: str

    @field_validator("currency")
    @classmethod
    def _code(cls, currency: str) -> str:
        if not _CURRENCY.fullmatch(currency):
            raise ValueError('a currency code of three capital letters such as "USD"')
        return currency


class SalesSettings(_Section):
    """``[sales]``: the table that is forecast."""

    source: AnySource | None = None
    dimensions: Annotated[
        tuple[ColumnName, ...], BeforeValidator(_listed), Field(min_length=1, max_length=12)
    ]
    measure: Literal["units", "revenue"] = "units"
    sale_type: str | None = None
    unfinished: Literal["auto", "keep"] = "auto"
    types: Literal["auto", "split", "off"] = "auto"

    @field_validator("dimensions")
    @classmethod
    def _distinct(cls, dimensions: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({name for name in dimensions if dimensions.count(name) > 1})
        if twice:
            raise ValueError(f"each dimension once; `{twice[0]}` stands twice")
        return dimensions


class DriverColumn(_Section):
    """One driver: what kind it is, and whether its future is known."""

    kind: Literal["price", "promotion", "market"]
    known: bool = False

    @property
    def is_known(self) -> bool:
        """Whether rows after the as-of date may be read: prices and promotions are our own plan."""
        return self.known or self.kind != "market"


AnyDriver = Annotated[
    DriverColumn, BeforeValidator(lambda value: {"kind": value} if isinstance(value, str) else value)
]


class DriverSettings(_Section):
    """``[drivers]``: known past and future causes."""

    source: AnySource | None = None
    columns: Annotated[dict[Name, AnyDriver], Field(min_length=1)]


class CorrelationSettings(_Section):
    """``[plan] correlation``: whether claims of one owner, or of one kind, tend to miss together."""

    by: Literal["owner", "kind"] = "owner"
    share: Annotated[float, Field(ge=0, le=1)] = 0.0


class PlanSettings(_Section):
    """``[plan]``: cycle, horizon in quarters, seed, small adjustments, and how claims go together."""

    cycle: Cycle = "quarter"
    quarters: Annotated[int, Field(ge=1, le=40)] = 4
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 2026
    materiality_share: Annotated[float, Field(ge=0, le=1)] = 0.01
    correlation: CorrelationSettings = CorrelationSettings()


ForecastMethod = Literal[
    "auto", "structural", "ets", "ces", "dot", "theta", "damped", "aggregated", "recent", "naive", "growth",
    "global",
    "croston", "tsb", "adida",
]  # fmt: skip
Reconcile = Literal["auto", "bottom_up", "ols", "wls_struct", "wls_var", "mint_shrink"]


class ForecastSettings(_Section):
    """``[forecast]``: method and reconciliation, both chosen by backtest unless named."""

    method: ForecastMethod = "auto"
    reconcile: Reconcile = "auto"
    pretrained: Annotated[str, StringConstraints(max_length=400)] = ""


class OverrideSettings(_Section):
    """One ``[[override]]``: a total of the baseline set from above, spread over all that it covers."""

    span: Annotated[str, StringConstraints(pattern=r"^\d{4}(Q[1-4]|-\d{2}(-\d{2})?)?$")]
    value: Annotated[float, Field(allow_inf_nan=False)]
    reason: Annotated[str, StringConstraints(min_length=3, max_length=500)]
    scope: dict[Name, Annotated[tuple[str, ...], BeforeValidator(_members)]] = Field(default_factory=dict)
    recorded: dt.date | None = None


SaleType = Literal["new", "repeat", "upsell", "cross_sell"]
"""The types of sale there are."""


class FunnelSettings(_Section):
    """``[funnel]``: the handling promise of sales, the window to reject a lead in, what is recorded.

    `recorded_from` is the first day from which leads were recorded whatever became of them; `from_leads` the
    types of sale that leads bring, told from the data where it is empty.
    """

    accepted_share: Annotated[float, Field(ge=0, le=1)] = 0.90
    first_contact_hours: Annotated[float, Field(gt=0)] = 24.0
    attempts: Annotated[int, Field(ge=1)] = 5
    attempts_within_days: Annotated[float, Field(gt=0)] = 14.0
    reject_within_days: Annotated[float, Field(gt=0)] = 7.0
    recorded_from: dt.date | None = None
    from_leads: Annotated[tuple[SaleType, ...], BeforeValidator(_listed)] = ()


PaidFor = Literal[
    "plan_attainment", "profit", "new_customers", "lead_quality", "handling_promise", "forecast_honesty",
    "lead_volume",
]  # fmt: skip
"""What the pool may pay for; `lead_volume` is there so that a scheme which pays for it can be checked."""

Weights = Annotated[dict[PaidFor, Annotated[float, Field(ge=0, le=1)]], Field(min_length=1)]


_SHARED: dict[PaidFor, float] = {"plan_attainment": 1.0}
_OWN: dict[str, dict[PaidFor, float]] = {
    "marketing": {"lead_quality": 0.6, "forecast_honesty": 0.4},
    "sales": {"handling_promise": 0.6, "forecast_honesty": 0.4},
}


def _check_shares(weights: dict[str, float]) -> dict[str, float]:
    if abs(sum(weights.values()) - 1.0) > 1e-9:
        raise ValueError(f"shares that sum to 1; these sum to {sum(weights.values()):g}")
    return weights


class IncentiveSettings(_Section):
    """``[incentives]``: one pool, what it pays for, and from which result on.

    A result is a share of what was agreed: 1 is on target.
    """

    pool: Annotated[float, Field(ge=0)]
    shared_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    functions: Annotated[dict[Name, Annotated[float, Field(ge=0, le=1)]], Field(min_length=1)] = Field(
        default_factory=lambda: {"marketing": 0.5, "sales": 0.5}
    )
    shared: Weights = Field(default_factory=lambda: dict(_SHARED))
    weights: dict[Name, Weights] = Field(default_factory=lambda: dict(_OWN))
    threshold: Annotated[float, Field(ge=0)] = 0.8
    target: Annotated[float, Field(gt=0)] = 1.0
    cap: Annotated[float, Field(gt=0)] = 1.2
    threshold_payout: Annotated[float, Field(ge=0, le=1)] = 0.5
    cap_payout: Annotated[float, Field(ge=1)] = 1.5
    forecast_error: Annotated[float, Field(ge=0, lt=1)] = 0.08

    @field_validator("functions", "shared")
    @classmethod
    def _whole(cls, weights: dict[str, float]) -> dict[str, float]:
        return _check_shares(weights)

    @field_validator("weights")
    @classmethod
    def _each_whole(cls, weights: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        for name, own in weights.items():
            try:
                _check_shares({str(key): value for key, value in own.items()})
            except ValueError as error:
                raise ValueError(f"for {name} {error}") from None
        return weights

    @field_validator("target", "cap")
    @classmethod
    def _in_order(cls, limit: float, info: Any) -> float:
        before = {"target": "threshold", "cap": "target"}[info.field_name]
        least = info.data.get(before)
        if least is not None and limit <= least:
            raise ValueError(f"more than the {before} of {least:g}")
        return limit


class KeptSettings(_Section):
    """``[kept]``: how much of what the rounds read is kept in the workspace; 0 keeps nothing."""

    megabytes: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 500.0


class ProfitSettings(_Section):
    """``[profit]``: which named costs count, overhead as a share of revenue, whose funding is not ours.

    `costs` empty means all of the table; `others_pay` names those in its column ``paid_by`` who are not us.
    """

    costs: Annotated[tuple[Name, ...], BeforeValidator(_listed)] = ()
    overhead_share: Annotated[float, Field(ge=0, lt=1)] = 0.0
    others_pay: Annotated[tuple[Name, ...], BeforeValidator(_listed)] = ()


class Settings(_Section):
    """The whole of ``planning.toml``."""

    business: BusinessSettings
    calendar: CalendarSettings
    sales: SalesSettings
    drivers: DriverSettings | None = None
    plan: PlanSettings = PlanSettings()
    forecast: ForecastSettings = ForecastSettings()
    override: Annotated[tuple[OverrideSettings, ...], BeforeValidator(_listed)] = ()
    life: Annotated[tuple[LifeSettings, ...], BeforeValidator(_listed)] = ()
    format: FormatSettings = FormatSettings()
    funnel: FunnelSettings = FunnelSettings()
    kept: KeptSettings = KeptSettings()
    round: RoundSettings = RoundSettings()
    owners: dict[Name, AnyOwner] = Field(default_factory=dict)
    profit: ProfitSettings = ProfitSettings()
    budget: BudgetSettings = BudgetSettings()
    incentives: IncentiveSettings | None = None
    tables: dict[str, AnySource] = Field(default_factory=dict)
    names: dict[str, Literal["join", "apart", "leave out", "keep"]] = Field(default_factory=dict)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions, broadest first."""
        return self.sales.dimensions

    @property
    def drivers_by_name(self) -> dict[str, DriverColumn]:
        """Declared drivers, empty where there are none."""
        return dict(self.drivers.columns) if self.drivers else {}
