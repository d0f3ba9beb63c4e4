"""How samples are made: tasks, workers here or on Ray, the driver that hands them out."""
