"""Disputes in the API: what is asked and what is answered."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.api.pages import PageQuery
from cases.api.shapes import Moment, Phone
from cases.disputes import Promise
from cases.models import DisputeOutcome, Side, Track

# What is asked ----------------------------------------------------------------------------------


class DisputeQuery(PageQuery):
    open = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text=_("调解是否尚未结束")
    )
    track = serializers.ChoiceField(required=False, choices=Track.choices)
    outcome = serializers.ChoiceField(required=False, choices=DisputeOutcome.choices)
    unit = serializers.IntegerField(required=False, help_text=_("街道、社区、网格或承办部门的编号"))


class VerbShape(serializers.Serializer[Any]):
    """The body of a verb: its names are the verb's own."""

    NAMES: dict[str, str] = {}

    def given(self) -> dict[str, Any]:
        return {self.NAMES.get(name, name): value for name, value in self.validated_data.items()}


class TrackShape(VerbShape):
    NAMES = {"unit": "track_unit_id", "mediators": "mediator_ids"}

    track = serializers.ChoiceField(choices=Track.choices)
    unit = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text=_("主持单位编号")
    )
    mediators = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        default=list,
        max_length=20,
        help_text=_("调解员的用户编号"),
    )


class NewDispute(TrackShape):
    track = serializers.ChoiceField(choices=Track.choices, default=Track.PEOPLE)
    request = serializers.CharField(max_length=2000, help_text=_("调解请求"))
    reporter_applies = serializers.BooleanField(
        default=False, help_text=_("反映人就是申请人，不再登记一次")
    )


class NewHandOver(TrackShape):
    note = serializers.CharField(max_length=2000, help_text=_("移交理由"))


class NewParty(VerbShape):
    side = serializers.ChoiceField(choices=Side.choices)
    name = serializers.CharField(max_length=60)
    phone = Phone(required=False, allow_blank=True, default="")


class PartyCorrection(VerbShape):
    """What is left out stays as it is."""

    NAMES = {"party": "party_id"}

    party = serializers.UUIDField()
    side = serializers.ChoiceField(choices=Side.choices, required=False)
    name = serializers.CharField(max_length=60, required=False)
    phone = Phone(required=False)


class NewConsent(VerbShape):
    NAMES = {"party": "party_id"}

    party = serializers.UUIDField()
    agrees = serializers.BooleanField(help_text=_("是否同意调解；不同意即结束调解"))
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class NewSession(VerbShape):
    NAMES = {"present": "present_ids"}

    held_at = Moment()
    place = serializers.CharField(max_length=200)
    minutes = serializers.CharField(max_length=4000, help_text=_("调解笔录"))
    present = serializers.ListField(
        child=serializers.UUIDField(), max_length=100, help_text=_("到场当事人")
    )


class NewObligation(serializers.Serializer[Any]):
    party = serializers.UUIDField()
    what = serializers.CharField(max_length=400)
    due_on = serializers.DateField()


class NewAgreement(VerbShape):
    written = serializers.BooleanField(help_text=_("书面协议，否则为口头协议"))
    terms = serializers.CharField(max_length=4000)
    obligations = NewObligation(many=True, required=False, default=list)

    def given(self) -> dict[str, Any]:
        found = super().given()
        rows = found["obligations"]
        promises = [Promise(row["party"], row["what"], row["due_on"]) for row in rows]
        return {**found, "obligations": promises}


class NewEnd(VerbShape):
    outcome = serializers.ChoiceField(
        choices=[
            (one.value, one.label) for one in (DisputeOutcome.FAILED, DisputeOutcome.WITHDRAWN)
        ]
    )
    note = serializers.CharField(max_length=2000)


class NewVisit(VerbShape):
    NAMES = {"obligation": "obligation_id"}

    obligation = serializers.IntegerField()
    fulfilled = serializers.BooleanField()
    note = serializers.CharField(max_length=400, help_text=_("回访情况"))


class NewCourtDate(VerbShape):
    on = serializers.DateField(help_text=_("共同申请司法确认的日期"))


# What is answered -------------------------------------------------------------------------------


class DisputeRow(serializers.Serializer[Any]):
    """What everybody who sees the case may know of its dispute."""

    case = serializers.CharField(help_text=_("事件编号"))
    url = serializers.CharField()
    item_name = serializers.CharField()
    community = serializers.IntegerField(allow_null=True)
    unit_name = serializers.CharField()
    track = serializers.CharField()
    track_unit = serializers.IntegerField(allow_null=True)
    track_unit_name = serializers.CharField()
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    outcome = serializers.CharField()
    ended_at = serializers.DateTimeField(allow_null=True)


class DisputePage(serializers.Serializer[Any]):
    results = DisputeRow(many=True)
    next = serializers.CharField(allow_null=True)


class Person(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class PartyShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    side = serializers.CharField()
    name = serializers.CharField(help_text=_("姓名，隐去部分"))
    phone = serializers.CharField(help_text=_("电话，隐去部分"))
    consent = serializers.BooleanField(allow_null=True)
    consent_at = serializers.DateTimeField(allow_null=True)


class SessionShape(serializers.Serializer[Any]):
    held_at = serializers.DateTimeField()
    place = serializers.CharField()
    minutes = serializers.CharField()
    present = serializers.ListField(child=serializers.UUIDField())
    by = serializers.CharField()


class ObligationShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    party = serializers.UUIDField()
    what = serializers.CharField()
    due_on = serializers.DateField()
    fulfilled_at = serializers.DateTimeField(allow_null=True)
    visited_at = serializers.DateTimeField(allow_null=True)
    visit = serializers.CharField()


class DisputeDetail(DisputeRow):
    request = serializers.CharField()
    mediators = Person(many=True)
    terms = serializers.CharField()
    court_confirmed_on = serializers.DateField(allow_null=True)
    other_ways = serializers.CharField(help_text=_("调解不成时须告知当事人的其他途径"))
    parties = PartyShape(many=True)
    sessions = SessionShape(many=True)
    obligations = ObligationShape(many=True)


class PartyRevealed(serializers.Serializer[Any]):
    name = serializers.CharField()
    phone = serializers.CharField()
