from governance.models.audit import AccessRecord, RateWindow, ReferenceVersion, Seal, SignIn
from governance.models.erasure import ErasureCertificate, Redaction
from governance.models.outbox import Delivery, Message, Sending, SendingQuerySet
from governance.models.personal import DataKey, PersonalRow
from governance.models.table_jobs import WAITING, ImportState, TableJob
from governance.models.timers import Heartbeat, Timer
from governance.models.units import (
    BESIDE,
    LEVELS,
    SPINE,
    STEP,
    ChangeKind,
    CodeScheme,
    PartyForm,
    PartyOrganisation,
    Post,
    Unit,
    UnitChange,
    UnitCode,
    UnitKind,
    may_hang,
)
from governance.models.users import ApiToken, PasswordReset, PastPassword, User
from governance.models.workcalendar import (
    CalendarDay,
    CalendarYear,
    DayKind,
    WorkingHours,
)

__all__ = [
    "BESIDE",
    "LEVELS",
    "SPINE",
    "STEP",
    "WAITING",
    "AccessRecord",
    "ApiToken",
    "CalendarDay",
    "CalendarYear",
    "ChangeKind",
    "CodeScheme",
    "DataKey",
    "DayKind",
    "Delivery",
    "ErasureCertificate",
    "Heartbeat",
    "ImportState",
    "Message",
    "PartyForm",
    "PartyOrganisation",
    "PasswordReset",
    "PastPassword",
    "PersonalRow",
    "Post",
    "RateWindow",
    "Redaction",
    "ReferenceVersion",
    "Seal",
    "Sending",
    "SendingQuerySet",
    "SignIn",
    "TableJob",
    "Timer",
    "Unit",
    "UnitChange",
    "UnitCode",
    "UnitKind",
    "User",
    "WorkingHours",
    "may_hang",
]
