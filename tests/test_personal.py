"""Personal data at rest: sealed, bound to their place, masked, and gone when the key is."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from cases.models import Reporter
from governance import clock, personal
from governance.models import DataKey

NAME, PHONE = "张三丰", "13812345678"


@pytest.fixture
def reporter(db: None) -> Reporter:
    return Reporter.objects.create(name=NAME, phone=PHONE)


def again(reporter: Reporter) -> Reporter:
    return Reporter.objects.select_related("data_key").get(pk=reporter.pk)


def raw(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def stored(table: str = "cases_reporter") -> list[bytes]:
    return [bytes(value) for row in raw(f"SELECT name, phone FROM {table}") for value in row]


# Sealed -----------------------------------------------------------------------------------------


def test_the_database_holds_no_clear_text(reporter: Reporter) -> None:
    name, phone = stored()

    for sealed, clear in ((name, NAME), (phone, PHONE)):
        assert sealed[:1] == b"\x01"
        assert len(sealed) == 1 + 12 + len(clear.encode()) + 16
        assert clear.encode() not in sealed


def test_the_same_text_is_sealed_differently_each_time(reporter: Reporter) -> None:
    Reporter.objects.create(name=NAME, phone=PHONE)

    assert len(set(stored())) == 4


def test_only_reveal_gives_the_clear_text(reporter: Reporter) -> None:
    found = again(reporter)

    assert (found.name.reveal(), found.phone.reveal()) == (NAME, PHONE)
    assert (str(found.name), str(found.phone), str(found)) == ("张**", "138****5678", "张**")
    assert f"{found.phone} {found.phone!r}" == "138****5678 <Sealed>"


def test_what_was_not_told_is_nothing(db: None) -> None:
    silent = again(Reporter.objects.create(name="", phone=None))

    assert (silent.name, silent.phone, str(silent)) == (None, None, "匿名")
    assert raw("SELECT name, phone FROM cases_reporter") == [(None, None)]


def test_a_change_is_sealed_and_the_rest_left_as_it_is(reporter: Reporter) -> None:
    name, phone = stored()
    found = again(reporter)

    found.phone = "02212345678"
    found.save()

    assert stored()[0] == name
    assert stored()[1] != phone
    assert (again(reporter).name.reveal(), again(reporter).phone.reveal()) == (NAME, "02212345678")


def test_a_column_that_was_not_read_is_not_empty(reporter: Reporter) -> None:
    deferred = Reporter.objects.defer("phone").get(pk=reporter.pk)

    assert deferred.phone.reveal() == PHONE


@pytest.mark.parametrize(
    ("mask", "clear", "masked"),
    [
        ("name", "张三丰", "张**"),
        ("name", "张三", "张*"),
        ("name", "欧阳修（演示）", "欧***"),
        ("name", "张", "张*"),
        ("name", "", ""),
        ("phone", "13812345678", "138****5678"),
        ("phone", "84371234", "843****1234"),
        ("phone", "1234567", "*******"),
        ("email", "zhangsan@example.cn", "z***@example.cn"),
        ("email", "nobody", "******"),
    ],
)
def test_masks(mask: str, clear: str, masked: str) -> None:
    assert personal.MASKS[mask](clear) == masked


# Bound to its place -----------------------------------------------------------------------------


def test_a_value_moved_to_another_column_does_not_open(reporter: Reporter) -> None:
    raw("UPDATE cases_reporter SET name = phone")

    with pytest.raises(personal.Unreadable):
        again(reporter).name.reveal()
    assert again(reporter).phone.reveal() == PHONE


def test_a_value_moved_to_another_row_does_not_open(reporter: Reporter) -> None:
    other = Reporter.objects.create(name="李四", phone="13900000000")
    raw(
        "UPDATE cases_reporter SET phone = (SELECT phone FROM cases_reporter WHERE id = %s)"
        " WHERE id = %s",
        reporter.pk,
        other.pk,
    )

    with pytest.raises(personal.Unreadable):
        again(other).phone.reveal()


def test_even_with_the_key_of_that_row_it_does_not_open(reporter: Reporter) -> None:
    key = personal.data_key_of(reporter)
    assert key is not None
    sealed = stored()[1]
    place = f"cases_reporter.phone:{reporter.pk}".encode()

    assert personal.decrypt(key, sealed, place).decode() == PHONE
    with pytest.raises(personal.Unreadable):
        personal.decrypt(key, sealed, place.replace(b"phone", b"name"))


def test_a_key_moved_to_another_row_does_not_open(reporter: Reporter) -> None:
    other = Reporter.objects.create(name="李四")
    raw(
        "UPDATE governance_datakey SET wrapped ="
        " (SELECT wrapped FROM governance_datakey WHERE id = %s) WHERE id = %s",
        reporter.data_key_id,
        other.data_key_id,
    )

    with pytest.raises(personal.Unreadable):
        again(other).name.reveal()


@pytest.mark.parametrize("place", [0, 1, 13, -1])
def test_an_altered_bit_is_noticed(reporter: Reporter, place: int) -> None:
    sealed = bytearray(stored()[1])
    sealed[place] ^= 0x40
    raw("UPDATE cases_reporter SET phone = %s", bytes(sealed))

    with pytest.raises(personal.Unreadable):
        again(reporter).phone.reveal()


@pytest.mark.parametrize("left", [1, 5, 20])
def test_a_shortened_value_is_noticed(reporter: Reporter, left: int) -> None:
    raw("UPDATE cases_reporter SET phone = substr(phone, 1, %s)", left)

    with pytest.raises(personal.Unreadable):
        again(reporter).phone.reveal()


def test_assigned_to_another_row_it_is_sealed_for_that_row(reporter: Reporter) -> None:
    copied = Reporter.objects.create(name=reporter.name, phone=reporter.phone)

    assert again(copied).phone.reveal() == PHONE
    assert len(set(stored())) == 4


# The ciphers and the master key -----------------------------------------------------------------


def test_sm4_by_setting_and_both_are_read(reporter: Reporter, settings: Any) -> None:
    settings.PERSONAL_DATA_CIPHER = "sm4-gcm"
    newer = Reporter.objects.create(phone="13900000000")

    sealed = bytes(raw("SELECT phone FROM cases_reporter WHERE id = %s", newer.pk)[0][0])
    assert sealed[:1] == b"\x02"
    assert b"13900000000" not in sealed
    assert again(newer).phone.reveal() == "13900000000"
    assert again(reporter).phone.reveal() == PHONE
    settings.PERSONAL_DATA_CIPHER = "aes-256-gcm"
    assert again(newer).phone.reveal() == "13900000000"


@pytest.mark.parametrize("place", [0, 1, 13, -1])
def test_an_altered_bit_is_noticed_under_sm4_too(db: None, settings: Any, place: int) -> None:
    settings.PERSONAL_DATA_CIPHER = "sm4-gcm"
    key = bytes(range(32))
    sealed = bytearray(personal.encrypt(key, PHONE.encode(), b"here"))
    assert personal.decrypt(key, bytes(sealed), b"here") == PHONE.encode()
    sealed[place] ^= 0x40

    with pytest.raises(personal.Unreadable):
        personal.decrypt(key, bytes(sealed), b"here")


def test_another_master_key_opens_nothing(reporter: Reporter, settings: Any) -> None:
    settings.PERSONAL_DATA_KEY = "ab" * 32

    with pytest.raises(personal.Unreadable):
        again(reporter).name.reveal()


@pytest.mark.parametrize("key", ["", "ab", "xy" * 32])
def test_a_faulty_master_key_says_so(reporter: Reporter, settings: Any, key: str) -> None:
    settings.PERSONAL_DATA_KEY = key

    with pytest.raises(ImproperlyConfigured, match="64 hexadecimal digits"):
        again(reporter).name.reveal()


# Erasure and history ----------------------------------------------------------------------------


def test_without_its_key_a_row_reads_as_nothing(reporter: Reporter) -> None:
    other = Reporter.objects.create(name="李四")
    DataKey.objects.filter(pk=reporter.data_key_id).update(wrapped=b"", destroyed_at=clock.now())

    erased = again(reporter)

    assert (erased.name.reveal(), erased.phone.reveal(), erased.name.masked) == ("", "", "")
    assert again(other).name.reveal() == "李四"


def test_nothing_new_is_sealed_for_one_who_was_erased(reporter: Reporter) -> None:
    DataKey.objects.filter(pk=reporter.data_key_id).update(wrapped=b"", destroyed_at=clock.now())
    erased = again(reporter)

    with pytest.raises(personal.Unreadable):
        erased.phone = "13900000000"


def test_history_keeps_ciphertext_only(reporter: Reporter) -> None:
    found = again(reporter)
    found.phone = "02212345678"
    found.save()

    kept = stored("cases_reporterevent")
    assert len(kept) == 4
    for sealed in kept:
        assert sealed[:1] == b"\x01"
        for clear in (NAME, PHONE, "02212345678"):
            assert clear.encode() not in sealed
    assert kept[0] == stored()[0]
    whole = str(raw("SELECT to_jsonb(e) FROM cases_reporterevent e"))
    assert PHONE not in whole
    assert PHONE.encode().hex() not in whole


def test_the_row_deep_copied_still_opens(reporter: Reporter) -> None:
    assert copy.deepcopy(again(reporter)).phone.reveal() == PHONE
