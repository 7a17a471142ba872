"""Draws the demo workspace of a fictional coffee company, with its known truth.

`python -m data.generator` writes ``data/demo``; `draw_demo` and `draw_sales` draw in memory.
"""

from data.generator.demo import DEMO_SEED, Demo, draw_demo
from data.generator.sales import SalesDraw, draw_sales
from data.generator.truth import Truth, base_truth, redraw_truth

__all__ = ["DEMO_SEED", "Demo", "SalesDraw", "Truth", "base_truth", "draw_demo", "draw_sales", "redraw_truth"]
