"""Example workspaces and the generator that draws them."""
