"""The local case page."""
