"""Users, teams, memberships, roles, and the one table of who may do what."""
