"""Answers about claims: what stands behind them, and what nobody has thought of."""
