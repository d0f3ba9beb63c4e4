"""Text to emotional text."""
