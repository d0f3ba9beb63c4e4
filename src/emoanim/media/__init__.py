"""Reading and writing video and sound, on PyAV; it is used nowhere else."""
