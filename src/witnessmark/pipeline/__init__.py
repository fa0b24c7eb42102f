"""The order of the work and where it runs."""
