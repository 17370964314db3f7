"""Engines that somebody else runs, named by the environment: do they answer, are they recent?"""

import psycopg
import redis

from governance.engines.errors import EngineError

OLDEST_POSTGRES = 15


def check_database(name: str, url: str) -> None:
    """Raise EngineError unless the address in variable `name` leads to a PostgreSQL we can use."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version // 10000
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise EngineError(
            f"{name} 无法连接（{reason}），请检查主机、端口、库名、用户与密码。 "
            f"Cannot connect to {name}: check host, port, database name, user and password."
        ) from None
    if version < OLDEST_POSTGRES:
        raise EngineError(
            f"{name} 是 PostgreSQL {version}，需要 {OLDEST_POSTGRES} 或更高版本。 "
            f"{name} is PostgreSQL {version}; {OLDEST_POSTGRES} or later is needed."
        )


def check_redis(name: str, url: str) -> None:
    """Raise EngineError unless the address in variable `name` leads to a Redis or Valkey."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise EngineError(
            f"{name} 无法连接（{error}），请检查主机、端口与密码。 "
            f"Cannot connect to {name}: check host, port and password."
        ) from None
