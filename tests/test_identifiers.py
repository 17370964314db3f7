"""Document numbers and credit codes: the standards' own samples, and every wrong character."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.identifiers import (
    CHECKS,
    CREDIT,
    REGISTRARS,
    BadNumber,
    DocumentKind,
    Sex,
    check_character,
    credit_check,
    credit_code,
    read,
)

TODAY = date(2026, 3, 2)
ID, KIND = DocumentKind.RESIDENT_ID, DocumentKind


@pytest.mark.parametrize(
    ("number", "born", "sex"),
    [
        ("11010519491231002X", date(1949, 12, 31), Sex.FEMALE),  # GB 11643-1999, its example
        ("440524188001010014", date(1880, 1, 1), Sex.MALE),  # the other one
        ("11010519491231002x", date(1949, 12, 31), Sex.FEMALE),
        (" 110105 19491231 002Ｘ", date(1949, 12, 31), Sex.FEMALE),
    ],
)
def test_the_standards_samples(number: str, born: date, sex: Sex) -> None:
    found = read(ID, number, TODAY)
    assert (found.born, found.sex, found.warning) == (born, sex, "")
    assert len(found.number) == 18


def test_an_area_that_no_table_knows_only_warns() -> None:
    body = "99011319900101001"
    found = read(ID, body + check_character(body), TODAY)
    assert "990113" in found.warning
    body = "33011319900101001"  # a district that ended: python-stdnum stumbles over it
    assert read(ID, body + check_character(body), TODAY).warning == ""


@pytest.mark.parametrize(
    ("kind", "number", "why"),
    [
        (ID, "110105194912310021", "校验码"),
        (ID, "1101051949123100", "18 位"),
        (ID, "110105491231002", "15 位"),
        (ID, "11010519490230" + "002" + check_character("11010519490230002"), "不存在"),
        (ID, "11010520990101" + "002" + check_character("11010520990101002"), "还没有到"),
        (ID, "81000019900101" + "001" + check_character("81000019900101001"), "证件种类"),
        (KIND.TAIWAN_PERMIT, "11010519491231002X", "83"),
        (KIND.PASSPORT, "E1234", ""),
        (KIND.PASSPORT, "E-12345678901", "护照"),
        (KIND.FOREIGN_PERMIT, "AB1234", "12 位数字"),
        (KIND.NONE, "1", "不填"),
        (ID, "１１０１０５１９４９１２３１００２٣", "18 位"),  # an Arabic digit is no digit here
    ],
)
def test_what_is_wrong_is_said(kind: DocumentKind, number: str, why: str) -> None:
    if not why:
        assert read(kind, number, TODAY).number == number
        return
    with pytest.raises(BadNumber, match=why):
        read(kind, number, TODAY)


def test_permits() -> None:
    for kind, area in ((KIND.HK_MACAO_PERMIT, "810000"), (KIND.TAIWAN_PERMIT, "830000")):
        body = f"{area}19900101001"
        assert read(kind, body + check_character(body), TODAY).born == date(1990, 1, 1)
    assert read(KIND.FOREIGN_PERMIT, "CAN110068042601", TODAY).born is None
    body = "91101019900101001"
    found = read(KIND.FOREIGN_PERMIT, body + check_character(body), TODAY)
    assert (found.born, found.warning) == (date(1990, 1, 1), "")


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.sampled_from(range(11)))
def test_one_check_character_of_eleven_is_right(born: date, serial: int, other: int) -> None:
    body = f"120110{born:%Y%m%d}{serial:03d}"
    right = check_character(body)
    assert read(ID, body + right, TODAY).born == born
    wrong = CHECKS[other]
    if wrong != right:
        with pytest.raises(BadNumber):
            read(ID, body + wrong, TODAY)


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 16), st.integers(1, 9))
def test_no_single_digit_goes_wrong_unseen(born: date, place: int, by: int) -> None:
    body = f"120110{born:%Y%m%d}013"
    changed = body[:place] + str((int(body[place]) + by) % 10) + body[place + 1 :]
    assert check_character(changed) != check_character(body)


@pytest.mark.parametrize(
    "code", ["91350100M000100Y43", "N2370214MF3829371N"[:17] + credit_check("N2370214MF3829371")]
)
def test_credit_codes(code: str) -> None:
    assert credit_code(code.lower()) == code


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("91350100M000100Y44", "校验码"),
        ("91350100M000100Y4", "18 位"),
        ("91350100I000100Y43", "I"),
        ("C1350100M000100Y43", "登记管理部门"),
    ],
)
def test_a_wrong_credit_code(code: str, why: str) -> None:
    with pytest.raises(BadNumber, match=why):
        credit_code(code)


@given(
    st.sampled_from(REGISTRARS),
    st.text(CREDIT, min_size=16, max_size=16),
    st.sampled_from(CREDIT),
)
def test_one_check_character_of_thirty_one_is_right(first: str, rest: str, other: str) -> None:
    right = credit_check(first + rest)
    assert credit_code(first + rest + right) == first + rest + right
    if other != right:
        with pytest.raises(BadNumber):
            credit_code(first + rest + other)
