"""Assessments over the API, and the gaps, risks, control measures and research of a record."""
