"""A round that follows changes: choices, plan and odds, and the scenarios kept."""
