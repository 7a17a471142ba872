"""Questions about the past: what was sold, how it was forecast, and what came of it."""
