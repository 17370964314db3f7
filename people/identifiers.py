"""Numbers that tell of a person or an organisation, and whether they can be real.

Resident identity numbers by GB 11643-1999, which the residence permits of Hong Kong, Macao (81, 82)
and Taiwan (83) residents follow; permanent residence cards of foreigners in both their forms;
unified social credit codes by GB 32100-2015.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _


class DocumentKind(models.TextChoices):
    RESIDENT_ID = "resident_id", _("居民身份证")
    HK_MACAO_PERMIT = "hk_macao_permit", _("港澳居民居住证")
    TAIWAN_PERMIT = "taiwan_permit", _("台湾居民居住证")
    FOREIGN_PERMIT = "foreign_permit", _("外国人永久居留身份证")
    PASSPORT = "passport", _("护照")
    NONE = "none", _("暂无证件")


class Sex(models.TextChoices):
    """GB/T 2261.1-2003, as the number itself tells it."""

    MALE = "1", _("男")
    FEMALE = "2", _("女")


class BadNumber(ValueError):
    """The number cannot be real; the text says why."""


@dataclass(frozen=True)
class Read:
    """What a number says: itself in its standard form, what follows from it, and doubts."""

    number: str
    born: date | None = None
    sex: Sex | None = None
    warning: str = ""


WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
# Provinces, GB/T 2260, and the codes that the residence permits carry; others only warn.
PROVINCES = frozenset(
    {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46}
    | {50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83}
)
PERMITS = {
    DocumentKind.HK_MACAO_PERMIT: ("81", "82"),
    DocumentKind.TAIWAN_PERMIT: ("83",),
}


def check_character(body: str) -> str:
    """The 18th character of a number's first 17 digits: ISO 7064 MOD 11-2 (GB 11643, 6.2)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return CHECKS[total % 11]


def plain(text: str) -> str:
    """Without spaces, in half-width capitals, as numbers are compared."""
    return re.sub(r"[\s·-]", "", unicodedata.normalize("NFKC", text)).upper()


def read(kind: str, text: str, today: date) -> Read:
    """What a document's number says. Raises BadNumber with the reason for who typed it."""
    number = plain(text)
    if not number and kind != DocumentKind.NONE:
        raise BadNumber(_t("请填写证件号码；没有证件的，证件种类选“暂无证件”。"))
    match DocumentKind(kind):
        case DocumentKind.NONE:
            if number:
                raise BadNumber(_t("没有证件时不填证件号码。"))
            return Read("")
        case DocumentKind.PASSPORT:
            return passport(number)
        case DocumentKind.FOREIGN_PERMIT:
            return foreign_permit(number, today)
        case other:
            found = resident(number, today)
            wanted = PERMITS.get(other, ())
            if wanted and not number.startswith(wanted):
                raise BadNumber(
                    _t("%(kind)s的号码以 %(codes)s 开头。")
                    % {"kind": other.label, "codes": _t("、").join(wanted)}
                )
            if not wanted and number.startswith(("81", "82", "83")):
                raise BadNumber(_t("这是居住证号码，请改选证件种类。"))
            return found


def resident(number: str, today: date) -> Read:
    """An 18-character number: length, digits, check character, a real date that is not to come."""
    if len(number) == 15 and number.isdecimal():
        raise BadNumber(_t("15 位旧号码已停用，请填写 18 位号码。"))
    if not re.fullmatch(r"\d{17}[\dX]", number, re.ASCII):
        raise BadNumber(_t("号码须为 18 位：17 位数字加 1 位校验码。"))
    if number[-1] != check_character(number[:17]):
        raise BadNumber(_t("校验码不符，请核对号码。"))
    born = birth(number[6:14], today)
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    known = int(number[:2]) in PROVINCES
    warning = "" if known else _t("地区码 %(code)s 不在代码表内，请核对。") % {"code": number[:6]}
    return Read(number, born, sex, warning)


def birth(digits: str, today: date) -> date:
    """The date of eight digits. Raises BadNumber for none, or one to come."""
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise BadNumber(_t("出生日期 %(digits)s 不存在。") % {"digits": digits}) from None
    if born > today:
        raise BadNumber(_t("出生日期 %(digits)s 还没有到。") % {"digits": digits})
    return born


def passport(number: str) -> Read:
    """ICAO 9303: at most nine characters, letters and digits."""
    if not re.fullmatch(r"[A-Z0-9]{5,9}", number, re.ASCII):
        raise BadNumber(_t("护照号码为 5 至 9 位字母或数字。"))
    return Read(number)


def foreign_permit(number: str, today: date) -> Read:
    """Three letters and twelve digits (2017), or eighteen characters that begin with 9 (2023), the
    last of them checked as a resident's is."""
    if re.fullmatch(r"[A-Z]{3}\d{12}", number, re.ASCII):
        return Read(number)
    if re.fullmatch(r"9\d{16}[\dX]", number, re.ASCII):
        found = resident(number, today)
        return Read(number, found.born, found.sex)
    raise BadNumber(_t("号码须为 3 位字母加 12 位数字，或以 9 开头的 18 位。"))


CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
REGISTRARS = "123456789ANY"


def credit_check(body: str) -> str:
    """The 18th character of a credit code's first 17: GB 32100-2015, 4.5."""
    total = sum(CREDIT.index(c) * weight for c, weight in zip(body, CREDIT_WEIGHTS, strict=True))
    return CREDIT[(31 - total % 31) % 31]


def credit_code(text: str) -> str:
    """A unified social credit code in its standard form. Raises BadNumber."""
    code = plain(text)
    if len(code) != 18:
        raise BadNumber(_t("统一社会信用代码须为 18 位。"))
    if wrong := sorted(set(code) - set(CREDIT)):
        raise BadNumber(_t("代码中不会有 %(wrong)s。") % {"wrong": _t("、").join(wrong)})
    if code[0] not in REGISTRARS:
        raise BadNumber(_t("登记管理部门代码 %(first)s 不存在。") % {"first": code[0]})
    if code[-1] != credit_check(code[:17]):
        raise BadNumber(_t("校验码不符，请核对代码。"))
    return code
