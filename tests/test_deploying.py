"""docker-compose.yml as README describes it: each setting gets in, each service has its health."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.engines import ROOT

SETTING = re.compile(r'(?:env(?:_list|_map)?|database_url)\(\s*"([A-Z_]+)"')
# Fixed in the image or for one service only, or for the demo and tests.
NOT_FOR_ALL = {
    *("DATABASE_OWNER_URL", "DATABASE_POOL", "MEDIA_ROOT", "STATIC_ROOT"),
    *("DEBUG", "DEMO", "EMAIL_BACKEND", "LOCAL_FOLDER", "SWEEP_SECONDS"),
}


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def names() -> set[str]:
    """The variables that the settings read."""
    return set(SETTING.findall((ROOT / "governance/settings.py").read_text(encoding="utf-8")))


def test_every_setting_reaches_every_process(compose: Any) -> None:
    for service in ("web", "events", "worker", "beat", "migrate"):
        given = set(compose["services"][service]["environment"])
        given |= {name.removesuffix("_FILE") for name in given}
        assert names() - NOT_FOR_ALL <= given, service


def test_every_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert {name for name in names() - NOT_FOR_ALL if f"`{name}`" not in readme} == set()


def test_a_secret_is_made_mounted_and_read(compose: Any) -> None:
    script = (ROOT / "docker/secrets.sh").read_text(encoding="utf-8")

    assert {name for name in compose["secrets"] if not re.search(rf"\b{name}\b", script)} == set()
    for name, service in compose["services"].items():
        files = [str(value) for value in service.get("environment", {}).values()]
        read = {file.rpartition("/")[2] for file in files if file.startswith("/run/secrets/")}
        assert read <= set(service.get("secrets", [])), name


def test_every_service_that_stays_has_a_health_check(compose: Any) -> None:
    without = {name for name, it in compose["services"].items() if "healthcheck" not in it}

    assert without == {"migrate"}
