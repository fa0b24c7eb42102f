"""One output a file."""
