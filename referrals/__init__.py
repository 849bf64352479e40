"""What arrives: the referral as it was received, its URN, who is known already, confirmation and triage."""
