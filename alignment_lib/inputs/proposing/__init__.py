"""Proposing a mapping of an export, with what it leaves open asked as questions."""
