"""What arrives by email: each message as it came, and what was made of it."""
