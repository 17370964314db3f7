"""What is remembered of a home's engines: their addresses, with ports and passwords in them."""

import json
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from governance.engines import private
from governance.engines.ports import LOOPBACK

DATABASE = "governance"


@dataclass(frozen=True)
class Engines:
    """`admin_url` is the superuser's, for making databases; the application never gets it."""

    admin_url: str
    owner_url: str
    app_url: str
    redis_url: str

    @property
    def postgres_port(self) -> int | None:
        return urlsplit(self.admin_url).port

    @property
    def valkey_port(self) -> int | None:
        return urlsplit(self.redis_url).port

    def on_postgres_port(self, port: int) -> "Engines":
        return replace(
            self,
            admin_url=_on_port(self.admin_url, port),
            owner_url=_on_port(self.owner_url, port),
            app_url=_on_port(self.app_url, port),
        )

    def on_valkey_port(self, port: int) -> "Engines":
        return replace(self, redis_url=_on_port(self.redis_url, port))

    def in_database(self, name: str) -> "Engines":
        return replace(
            self,
            admin_url=in_database(self.admin_url, name),
            owner_url=in_database(self.owner_url, name),
            app_url=in_database(self.app_url, name),
        )


def invent() -> Engines:
    """Fresh passwords; port 0 stands for "not chosen yet"."""
    return Engines(
        admin_url=_database_url("postgres", "postgres"),
        owner_url=_database_url("governance_owner", DATABASE),
        app_url=_database_url("governance_app", DATABASE),
        redis_url=f"redis://:{secrets.token_hex(24)}@{LOOPBACK}:0/0",
    )


def load(home: Path) -> Engines | None:
    try:
        return Engines(**json.loads(_file(home).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def save(home: Path, engines: Engines) -> None:
    private.write(_file(home), json.dumps(asdict(engines), indent=2))


def forget(home: Path) -> None:
    _file(home).unlink(missing_ok=True)


def in_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def password(url: str) -> str:
    return urlsplit(url).password or ""


def _file(home: Path) -> Path:
    return home / "engines.json"


def _database_url(role: str, database: str) -> str:
    return f"postgresql://{role}:{secrets.token_hex(24)}@{LOOPBACK}:0/{database}"


def _on_port(url: str, port: int) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}").geturl()
