from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "oversight"

    def ready(self) -> None:
        from diary.besides import register
        from oversight.reporting import waits_to_be_signed

        register("reports", waits_to_be_signed)
