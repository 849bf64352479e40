"""Records in addresses, by their number: /cases/HGY-2009-1187/."""

from cases.models import NUMBER


class RecordNumber:
    regex = NUMBER

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
