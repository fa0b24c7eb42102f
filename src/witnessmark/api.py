"""The promised surface: one function a stage, and the case."""
