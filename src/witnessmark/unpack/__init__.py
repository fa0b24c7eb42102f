"""From an artifact to its members, however deep."""
