"""From a match to the structure around it."""
