"""Charts in one notation, laid out on paper and drawn by matplotlib: see ``docs/charts.md``."""
