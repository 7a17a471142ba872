"""Open opportunities of a round: read, drawn, set beside the plan, and scored a round later."""
