"""Seal a case into a bundle that verifies with ordinary tools, and verify one."""
