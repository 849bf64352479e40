"""The log as a list; logging one; and one referral with its record."""
