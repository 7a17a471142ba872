"""Answers about money earned: margin, profit after marketing, by part and over time, and what moves them."""
