"""Read signals, lexicon, law and lists into records with one digest."""
