"""A case on disk: content-addressed store and append-only custody journal."""
