"""Pages that cross rooms: today, worklists, the case file, search."""
