"""One file a matter; each lists its ROUTES."""
