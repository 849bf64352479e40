"""PostgreSQL for the tests; see base.py."""
