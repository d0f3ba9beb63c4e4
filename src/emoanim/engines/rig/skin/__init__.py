"""Folds and light of skin that moves, and skin without them."""
