"""Children, adults, their names, addresses and relationships; what somebody said about a person."""
