"""Exports read as tables: sheet, heading, rows of data, totals told by arithmetic."""
