"""The lips and what is behind them."""
