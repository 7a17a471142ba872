"""Answers about the plan: will we make it, when, where, why, and what is to be decided."""
