"""Every duty: what is due, for whom, why, since when; the sweep that notices; chasing and escalation."""
