"""How every page is drawn: form fields, dates in words, errors. No data of its own."""
