"""Around a run: what it starts from, what it writes, how that is marked and recorded."""
