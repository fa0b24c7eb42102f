"""Readers of declarations: what enum, record, function or statement a match stands in."""
