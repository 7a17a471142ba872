"""Open opportunities on systems with a known truth."""
