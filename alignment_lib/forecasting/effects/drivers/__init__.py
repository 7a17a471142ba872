"""Drivers on the grid: scopes, scales, reference values, and those that can say nothing."""
