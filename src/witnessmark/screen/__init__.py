"""Vendor names against lists: candidates with reasons and dates, never verdicts."""
