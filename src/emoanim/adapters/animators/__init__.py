"""Portrait and speech to a talking face."""
