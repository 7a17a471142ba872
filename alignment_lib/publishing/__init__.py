"""What is left behind: snapshots, charts, tables, the leadership report, the index."""
