"""Members put together: backtest, weights, reconciliation and joint errors."""
