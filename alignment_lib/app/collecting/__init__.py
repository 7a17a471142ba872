"""Collecting answers: sheets and letters to owners and functions, and what comes back."""
