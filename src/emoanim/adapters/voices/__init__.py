"""Text to emotional speech."""
