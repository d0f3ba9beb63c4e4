"""What an emotion looks like, what a face shows already, and how far a face may go."""
