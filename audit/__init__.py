"""Append-only records of what was done and who looked at what; holds ids, no foreign keys."""
