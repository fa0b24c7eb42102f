"""The only door to other programs, and the limits put on our own workers."""
