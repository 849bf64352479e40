"""The record: who is on it, its chronology, its actions, what was shared, and who may see it."""
