"""Referrals over the API: the log, logging one, and deciding, chasing and judging on its record."""
