"""Checks of a workspace: every problem at once, located, with how to mend it."""
