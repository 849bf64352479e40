from django.apps import AppConfig


class OldLogsConfig(AppConfig):
    name = "old_logs"
    verbose_name = "old logs"
