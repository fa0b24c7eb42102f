"""The nouns: frozen records that do no I/O and import nothing else of ours."""
