"""From observations and rules to findings."""
