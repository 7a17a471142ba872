"""Members: what forecasts one series, or learns across all of them."""
