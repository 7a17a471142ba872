"""Use cases of importing: exports, overrides and the country they suggest."""
