"""A round as files: whole or not at all, locked, logged, listed and verified."""
