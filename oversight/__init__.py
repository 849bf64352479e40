"""Figures and quality: dashboards, reports, who looked at what, the time limits and their values."""
