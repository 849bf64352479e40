"""Invented people and things for the tests, made by the same actions as the pages use."""
