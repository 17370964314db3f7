"""retention.toml against the columns that there are, and the checks of a deployment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from governance import checks, retention


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    retention.policies.cache_clear()
    yield
    retention.policies.cache_clear()


@pytest.fixture
def altered(settings: Any, tmp_path: Path) -> Any:
    """Check against the real file after replacing a text in it."""
    real = settings.RETENTION_FILE.read_text()

    def check(old: str, new: str) -> list[tuple[str | None, str]]:
        assert old in real
        file = tmp_path / "retention.toml"
        file.write_text(real.replace(old, new, 1))
        settings.RETENTION_FILE = file
        return [(found.id, str(found.msg)) for found in retention.check_retention()]

    return check


def test_every_personal_column_has_its_policy() -> None:
    assert retention.check_retention() == []
    assert {
        "governance.User.email",
        "governance.Post.member_name",
        "cases.Reporter.name",
        "cases.Reporter.phone",
    } <= retention.policies().keys()


def test_a_column_without_a_policy(altered: Any) -> None:
    found = altered('["governance.User.email"]', '["governance.User.mail"]')

    assert [code for code, _said in found] == ["governance.E001", "governance.E002"]
    assert found[0][1].startswith("governance.User.email holds personal data and has no policy")
    assert "governance.User.mail" in found[1][1]


def test_an_encrypted_column_without_a_policy(altered: Any) -> None:
    found = altered('["cases.Reporter.phone"]', '["cases.Reporter.fax"]')

    assert found[0][1].startswith("cases.Reporter.phone holds personal data")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('erase = "clear"', 'erase = "forget"'),
        ('keep = "3 years"', 'keep = "a while"'),
        ('keep = "3 years"', 'kept = "3 years"'),
        ('purpose = "登录与留痕"', 'purpose = ""'),
        ('from = "离任"', 'from = ""'),
    ],
)
def test_a_faulty_policy(altered: Any, old: str, new: str) -> None:
    assert [code for code, _said in altered(old, new)] == ["governance.E003"]


def test_history_rows_follow_their_model() -> None:
    assert not [label for label in retention.personal_columns() if "Event." in label]


# A deployment -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "faults"),
    [
        ("ab" * 32, []),
        ("", ["governance.E010"]),
        ("0" * 64, ["governance.E010"]),
        ("ab" * 16, ["governance.E010"]),
        ("xy" * 32, ["governance.E010"]),
    ],
)
def test_personal_data_have_a_key_of_their_own(settings: Any, key: str, faults: list[str]) -> None:
    settings.PERSONAL_DATA_KEY = key

    assert [found.id for found in checks.check_key()] == faults


def test_a_misspelt_cipher_is_refused(settings: Any) -> None:
    assert checks.check_cipher() == []
    settings.PERSONAL_DATA_CIPHER = "sm4-gcm"
    assert checks.check_cipher() == []

    settings.PERSONAL_DATA_CIPHER = "sm4"

    assert [found.id for found in checks.check_cipher()] == ["governance.E012"]


def test_the_application_does_not_own_its_tables(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checks.check_roles() == []

    databases = settings.DATABASES
    monkeypatch.setitem(databases["default"], "USER", databases["owner"]["USER"])

    assert [found.id for found in checks.check_roles()] == ["governance.E011"]
