"""One round, whoever asks: prepared, planned, live, closed, and as files."""
