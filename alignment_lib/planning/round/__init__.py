"""One round as tables: every plan of it, its streams, its life and what changed."""
