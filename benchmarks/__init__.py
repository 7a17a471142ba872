"""Accuracy and speed, measured against named peers in the same run."""
