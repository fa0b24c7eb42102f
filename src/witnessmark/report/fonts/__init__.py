"""Fonts that a report carries with it, so that every script in it shows on a machine that lacks them."""
