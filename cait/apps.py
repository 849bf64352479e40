from django.apps import AppConfig


class CaitConfig(AppConfig):
    name = "cait"

    def ready(self) -> None:
        from cait import checks  # noqa: F401
