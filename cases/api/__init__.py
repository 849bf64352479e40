"""Records over the API: the list, one record, and everything that is done on it."""
