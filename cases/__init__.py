"""The record: case, chronology, actions, what was shared, closure, restriction."""
