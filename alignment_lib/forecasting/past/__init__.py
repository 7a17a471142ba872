"""The history on its grid: cleaned, with ends, breaks and holes told apart."""
