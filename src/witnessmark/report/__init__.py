"""From results to something people read; pure functions to bytes."""
