"""Answers about what the plan stands on: factors, weak points, customers, accuracy, data."""
