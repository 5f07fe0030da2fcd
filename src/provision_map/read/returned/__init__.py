"""What came back, row by row: used, left out and why, asked and not answered."""
