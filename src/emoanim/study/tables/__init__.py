"""What a study shows: the paper's tables and figures, from the columns of its rows."""
