"""How different two pictures look."""
