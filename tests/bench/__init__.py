"""How long the pages take on a large log, beside what they cannot beat. `make bench`; no test lives here."""
