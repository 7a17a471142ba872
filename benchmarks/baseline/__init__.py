"""Accuracy, coverage and cost of the baseline, peers in the same run: ``python -m benchmarks.baseline``."""
