"""The person's own film as the canvas: every frame stays, only the chosen face changes."""
