"""Response to spend: what money brings, how long it works and where more of it brings little more."""
