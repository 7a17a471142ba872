"""Tables as they stand in files and databases, and how text becomes typed values."""
