"""From an address or a file to a Capture with provenance."""
