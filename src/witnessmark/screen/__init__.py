"""From a vendor's name to dated candidates with reasons."""
