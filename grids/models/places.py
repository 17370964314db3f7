"""一标三实 without the people: standard addresses, buildings, houses, public facilities.

Each row carries the ids of the levels it lies in, so that a list of one's own is an equality; they
follow from the point (grids/places.py), and when units are merged the rows move with them.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.history import tracked
from governance.models import Unit


class Located(models.Model):
    """In which unit of each level a row lies; None below the level that is known."""

    district = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("区")
    )
    street = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("街道")
    )
    community = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("社区")
    )
    grid = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("网格")
    )

    class Meta:
        abstract = True


class Pointed(Located):
    """A row with a place on the map: WGS 84 longitude and latitude, both or neither."""

    lon = models.FloatField(_("经度"), null=True, blank=True)
    lat = models.FloatField(_("纬度"), null=True, blank=True)

    class Meta:
        abstract = True


def on_earth(name: str) -> models.CheckConstraint:
    """Both or neither, and on the earth."""
    inside = Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90)
    return models.CheckConstraint(
        condition=Q(lon=None, lat=None) | inside,
        name=name,
        violation_error_message=_("经度、纬度须同时填写，且在地球上。"),
    )


@tracked(exclude=("search",))
class Address(Pointed):
    """A standard address: the parts of one line of text, each place once.

    `key` is the line in its standard form from the road on; merged rows name the one that stays.
    """

    road = models.CharField(_("道路"), max_length=60, blank=True)
    number = models.CharField(_("门牌号"), max_length=20, blank=True)
    estate = models.CharField(_("小区"), max_length=60, blank=True)
    building = models.CharField(_("楼栋"), max_length=20, blank=True)
    unit_no = models.CharField(_("单元"), max_length=10, blank=True)
    floor = models.CharField(_("楼层"), max_length=10, blank=True)
    room = models.CharField(_("房号"), max_length=20, blank=True)
    key = models.CharField(_("标准地址"), max_length=200)
    # Character pairs of the whole line (governance/search.py).
    search = SearchVectorField(editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("并入")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("标准地址")
        indexes = [GinIndex(fields=["search"], name="address_search")]
        constraints = [
            on_earth("address_point_is_on_earth"),
            models.UniqueConstraint(
                fields=["community", "key"],
                condition=Q(merged_into=None),
                nulls_distinct=False,
                name="address_once_a_community",
            ),
            models.CheckConstraint(condition=~Q(key=""), name="address_says_something"),
            models.CheckConstraint(
                condition=~Q(merged_into=F("pk")), name="address_not_merged_into_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.key


@tracked()
class Seat(models.Model):
    """Where a unit that covers no ground of its own is met: a station, a department's office."""

    unit = models.OneToOneField(Unit, models.PROTECT, related_name="seat", verbose_name=_("单位"))
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    place = models.CharField(_("地址"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("单位驻地")
        constraints = [
            models.CheckConstraint(
                condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                name="seat_is_on_earth",
                violation_error_message=_("经度须在 -180 至 180 之间，纬度须在 -90 至 90 之间。"),
            )
        ]

    def __str__(self) -> str:
        return str(self.unit)


class BuildingUse(models.TextChoices):
    RESIDENTIAL = "residential", _("住宅")
    COMMERCIAL = "commercial", _("商业")
    OFFICE = "office", _("办公")
    INDUSTRIAL = "industrial", _("工业")
    PUBLIC = "public", _("公共")
    MIXED = "mixed", _("混合")


@tracked()
class Building(Pointed):
    """A building of an estate; its houses are the rooms of its plan."""

    code = models.CharField(_("编号"), max_length=40, blank=True)
    estate = models.CharField(_("小区"), max_length=60, blank=True)
    name = models.CharField(_("楼栋"), max_length=60)
    address = models.ForeignKey(
        Address,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="buildings",
        verbose_name=_("标准地址"),
    )
    # GeoJSON Polygon or MultiPolygon, WGS 84; the point lies in it.
    footprint = models.JSONField(_("轮廓"), null=True, blank=True)
    use = models.CharField(
        _("用途"), max_length=12, choices=BuildingUse.choices, default=BuildingUse.RESIDENTIAL
    )
    floors = models.PositiveSmallIntegerField(_("层数"), null=True, blank=True)
    unit_count = models.PositiveSmallIntegerField(_("单元数"), null=True, blank=True)
    property_company = models.CharField(_("物业公司"), max_length=80, blank=True)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("楼栋")
        indexes = [
            models.Index(fields=["community", "estate", "name"], name="building_of_community"),
            models.Index(fields=["grid", "estate", "name"], name="building_of_grid"),
        ]
        constraints = [
            on_earth("building_point_is_on_earth"),
            models.UniqueConstraint(
                fields=["code"],
                condition=~Q(code=""),
                name="building_code_is_unique",
                violation_error_message=_("该编号已用于另一栋楼。"),
            ),
            models.UniqueConstraint(
                fields=["community", "estate", "name"],
                condition=Q(is_active=True),
                nulls_distinct=False,
                name="building_once_an_estate",
                violation_error_message=_("该小区已有同名楼栋。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.estate}{self.name}"


class HouseUse(models.TextChoices):
    OWN = "own", _("自住")
    RENTED = "rented", _("出租")
    SHARED = "shared", _("群租")
    EMPTY = "empty", _("空置")
    COMMERCIAL = "commercial", _("商用")


class OwnerKind(models.TextChoices):
    PRIVATE = "private", _("个人")
    ENTITY = "entity", _("单位")
    PUBLIC = "public", _("公房")
    UNKNOWN = "unknown", _("不详")


@tracked()
class House(Located):
    """A room of a building's plan: unit, floor and room; the levels are the building's."""

    building = models.ForeignKey(
        Building, models.PROTECT, related_name="houses", verbose_name=_("楼栋")
    )
    unit_no = models.CharField(_("单元"), max_length=10, blank=True)
    floor = models.SmallIntegerField(_("楼层"))
    room = models.CharField(_("房号"), max_length=20)
    address = models.ForeignKey(
        Address,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="houses",
        verbose_name=_("标准地址"),
    )
    use = models.CharField(
        _("房屋用途"), max_length=12, choices=HouseUse.choices, default=HouseUse.OWN
    )
    owner_kind = models.CharField(
        _("产权"), max_length=12, choices=OwnerKind.choices, default=OwnerKind.UNKNOWN
    )
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("房屋")
        indexes = [
            models.Index(fields=["grid", "id"], name="house_of_grid"),
            models.Index(fields=["community", "id"], name="house_of_community"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["building", "unit_no", "room"],
                condition=Q(is_active=True),
                name="house_once_a_building",
            ),
            models.CheckConstraint(condition=~Q(room=""), name="house_has_a_room"),
        ]

    def __str__(self) -> str:
        unit = f"{self.unit_no}-" if self.unit_no else ""
        return f"{self.building} {unit}{self.room}"


class HazardKind(models.TextChoices):
    FIRE = "fire", _("消防")
    GAS = "gas", _("燃气")
    ELECTRIC = "electric", _("用电")
    STRUCTURE = "structure", _("房屋结构")
    OTHER = "other", _("其他")


@tracked()
class Hazard(models.Model):
    """What was noted in a house on an inspection, until it is cleared."""

    house = models.ForeignKey(House, models.PROTECT, related_name="hazards", verbose_name=_("房屋"))
    kind = models.CharField(_("类别"), max_length=12, choices=HazardKind.choices)
    note = models.CharField(_("情况"), max_length=400)
    noted_at = models.DateTimeField(_("发现时间"))
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("发现人")
    )
    cleared_at = models.DateTimeField(_("消除时间"), null=True, blank=True)
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("确认消除"),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("房屋隐患")
        constraints = [
            models.CheckConstraint(
                condition=Q(cleared_at=None, cleared_by=None)
                | Q(cleared_at__gte=F("noted_at"), cleared_by__isnull=False),
                name="hazard_cleared_by_somebody_after_it_was_noted",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.note}"


class FacilityClass(models.TextChoices):
    """The classes of components, GB/T 30428.2."""

    UTILITY = "utility", _("公用设施")
    TRAFFIC = "traffic", _("道路交通")
    APPEARANCE = "appearance", _("市容环境")
    GREEN = "green", _("园林绿化")
    OTHER = "other", _("其他部件")


@tracked()
class Facility(Pointed):
    """部件: a lamp, a manhole cover, a bin, a hydrant; a case can be about one."""

    code = models.CharField(_("部件编码"), max_length=40, unique=True)
    facility_class = models.CharField(_("大类"), max_length=12, choices=FacilityClass.choices)
    kind = models.CharField(_("名称"), max_length=40)
    owner = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("权属（主管）单位"),
    )
    place = models.CharField(_("位置说明"), max_length=200, blank=True)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = verbose_name_plural = _("公共部件")
        indexes = [models.Index(fields=["community", "id"], name="facility_of_community")]
        constraints = [
            on_earth("facility_point_is_on_earth"),
            models.CheckConstraint(
                condition=Q(lon__isnull=False),
                name="facility_has_a_point",
                violation_error_message=_("请填写经度和纬度。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"
