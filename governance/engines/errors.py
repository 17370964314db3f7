import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NO_SPACE = "No space left on device"  # as PostgreSQL and Python say it


class EngineError(Exception):
    """An engine cannot start; the message tells a person what to do, in Chinese, then English."""


@contextmanager
def explained(home: Path) -> Iterator[None]:
    """Turn the operating system's refusals into sentences; anything unexpected stays as it is.

    `home` is named where the refusal names no file, as when a write finds the disk full.
    """
    try:
        yield
    except OSError as error:
        sentence = _sentence(error, error.filename or home)
        if sentence is None:
            raise
        raise sentence from error


def _sentence(error: OSError, place: object) -> EngineError | None:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(place)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
        return EngineError(
            f"无法写入 {place}，请检查该目录的所有者与权限。 "
            f"Cannot write to {place}: check who owns the folder and its permissions."
        )
    return None


def disk_full(folder: object) -> EngineError:
    return EngineError(
        f"磁盘空间不足（{folder}），至少需要 500 MB，请清理后重试。 "
        f"The disk is full at {folder}: free at least 500 MB, then try again."
    )
