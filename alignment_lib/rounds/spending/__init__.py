"""Spend of a round: what is known of it, what it brings, and what its budget could bring."""
