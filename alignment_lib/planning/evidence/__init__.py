"""Evidence: what the past says of every claim, and how far each may be believed."""
