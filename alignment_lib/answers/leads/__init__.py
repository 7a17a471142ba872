"""Answers about leads: what the plan needs of them, and where money is left in the funnel."""
