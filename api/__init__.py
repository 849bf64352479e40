"""How programs speak with CAIT: who they are, what they may send, and the words of an error."""
