"""Databases of a running PostgreSQL, each with the same two roles (see governance/roles.sql)."""

from pathlib import Path

import psycopg
from psycopg import sql

from governance.engines.state import Engines, in_database, password

ROLES = Path(__file__).parents[1] / "roles.sql"


def create_database(engines: Engines, name: str, template: str | None = None) -> Engines:
    """Make a database, as a copy of `template` when given (which nobody may be connected to)."""
    command = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template:
        command += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    _maintain(engines, command)
    made = engines.in_database(name)
    grant_roles(made.admin_url)
    return made


def drop_database(engines: Engines, name: str) -> None:
    """Drop it if it is there, whoever is still connected."""
    command = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    _maintain(engines, command.format(sql.Identifier(name)))


def prepare(engines: Engines, name: str) -> None:
    """Make the database and its roles as far as they are missing, and set the roles' passwords."""
    if not _exists(engines, name):
        create_database(engines, name)
    grant_roles(in_database(engines.admin_url, name))
    with psycopg.connect(engines.admin_url, autocommit=True) as connection:
        _set_password(connection, "governance_owner", password(engines.owner_url))
        _set_password(connection, "governance_app", password(engines.app_url))


def grant_roles(admin_url: str) -> None:
    with psycopg.connect(admin_url) as connection:
        connection.execute(ROLES.read_bytes())


def _exists(engines: Engines, name: str) -> bool:
    with psycopg.connect(engines.admin_url) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return found.fetchone() is not None


def _maintain(engines: Engines, command: sql.Composed) -> None:
    with psycopg.connect(in_database(engines.admin_url, "postgres"), autocommit=True) as connection:
        connection.execute(command)


def _set_password(connection: psycopg.Connection, role: str, secret: str) -> None:
    # Hashed here, so that the password itself never reaches a server log.
    hashed = connection.pgconn.encrypt_password(secret.encode(), role.encode(), b"scram-sha-256")
    command = sql.SQL("ALTER ROLE {} PASSWORD {}")
    connection.execute(command.format(sql.Identifier(role), hashed.decode()))
