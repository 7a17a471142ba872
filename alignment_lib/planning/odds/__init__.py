"""Odds: draws, quantiles, what moves the plan most, and what a target would take."""
