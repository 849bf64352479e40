"""Home and the record; people; search; the post of the demonstration."""
