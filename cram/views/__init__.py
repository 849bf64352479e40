"""Pages about the risk on a record."""
