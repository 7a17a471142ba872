"""Charts in one notation, drawn as SVG: see ``docs/charts.md``."""
