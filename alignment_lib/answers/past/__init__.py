"""Answers about the past: accuracy of earlier rounds, customers, and what the figures stand on."""
