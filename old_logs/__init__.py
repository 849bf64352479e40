"""Referral logs that were kept in spreadsheets before CAIT: read, checked row by row, and brought in."""
