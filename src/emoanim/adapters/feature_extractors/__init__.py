"""What turns pictures into features for a Fréchet distance."""
