"""Meetings about a case, police reports to them, child protection plans."""
