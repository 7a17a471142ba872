"""Seasons and calendars: weeks, feasts, working days, peaks that move."""
