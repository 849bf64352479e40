"""`make faults`: whatever crashes, no duty is lost. Real PostgreSQL, Valkey, Celery and SMTP, hurt in every way."""
