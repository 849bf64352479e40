"""Time: the clock, the working calendar, every named time limit and why a date is that date."""
