"""One file or folder per backend, by role; nothing here is imported before it is asked for."""
