"""From two scans to what vanished or was renamed in place."""
