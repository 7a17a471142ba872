"""Periods, rounds and the wall of the as-of date."""
