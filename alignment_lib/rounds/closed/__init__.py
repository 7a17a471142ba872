"""Closed rounds: looked back on, scored, and set beside each other."""
