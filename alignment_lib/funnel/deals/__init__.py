"""Open opportunities: whether each will be won, when, and what of a span is closed, open or still to come."""
