"""Children, adults, addresses, relationships, and who is known already."""
