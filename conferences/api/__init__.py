"""Conferences, child protection plans and core groups over the API."""
