from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "oversight"

    def ready(self) -> None:
        from cases.coming import register_follows
        from diary.besides import register
        from oversight.demonstration import reports_of_before
        from oversight.reporting import waits_to_be_signed

        register("reports", waits_to_be_signed)
        register_follows(reports_of_before)
