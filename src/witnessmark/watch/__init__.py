"""Look again, and say what changed."""
