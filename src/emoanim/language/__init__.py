"""What is known about words: their sounds and times, their language, how to cut long texts."""
