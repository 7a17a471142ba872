"""Preparing a round: read, forecast and laid out, with what the past says."""
