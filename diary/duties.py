"""The duties that the record itself raises, on its way to being closed."""

from diary.kinds import DutyKind
from team.enums import Role
from team.permissions import Permission

CLOSURE = DutyKind(
    code="closure",
    label="Answer the request to close the record",
    owner_role=Role.SUPERVISOR,
    view="cases:closure",
    permission=Permission.CLOSE_RECORDS,
    do="Answer",
)
