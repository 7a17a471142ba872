"""The one palette: which ink means what.

Actual is solid and dark, prior year lighter, forecast hatched, plan outlined; favourable and
unfavourable differ in colour and in sign. Colours are a blue and a vermilion that colour-blind readers
tell apart (Okabe and Ito 2008, "Color Universal Design"). Each has a name, under which style sheets hold
what it becomes in the dark and on paper, and under which `Chart.plot` takes another.
"""

from __future__ import annotations

__all__ = [
    "ACTUAL",
    "BAD",
    "BAND",
    "FORECAST",
    "GOOD",
    "INK",
    "INKS",
    "MUTED",
    "PAPER",
    "PRIOR",
    "RULE",
    "TARGET",
]

INK = "#1b1f24"
MUTED = "#585e66"
PAPER = "#fffefb"
RULE = "#d8d4cb"
ACTUAL = "#33383e"
PRIOR = "#b9b6af"
FORECAST = "#7b8087"
BAND = "#d3dfe9"
GOOD = "#0b62a8"
BAD = "#b54708"
TARGET = "#8a1c4a"

INKS = {
    "ink": INK,
    "muted": MUTED,
    "paper": PAPER,
    "rule": RULE,
    "actual": ACTUAL,
    "prior": PRIOR,
    "forecast": FORECAST,
    "band": BAND,
    "good": GOOD,
    "bad": BAD,
    "target": TARGET,
}
