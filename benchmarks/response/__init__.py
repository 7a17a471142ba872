"""Spend and its response: worlds with a known truth, what is found in them, and what a budget gains."""
