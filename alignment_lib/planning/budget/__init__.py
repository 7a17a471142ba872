"""Budgets: what a split of money over channels brings, and which split brings most."""
