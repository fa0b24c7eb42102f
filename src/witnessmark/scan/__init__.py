"""From a member to its matches."""
