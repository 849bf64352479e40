"""The pages of a record: what is written on it; and how it ends."""
