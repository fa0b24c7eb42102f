"""From a case to a bundle that anyone can verify."""
