"""What arrives: intake, the log and its URN, triage, strategy discussion, decision."""
