import errno
from collections.abc import Iterator
from contextlib import contextmanager


class EngineError(Exception):
    """An engine cannot start; the message tells a person what to do, in Chinese, then English."""


@contextmanager
def explained() -> Iterator[None]:
    """Turn the operating system's refusals into sentences; anything unexpected stays as it is."""
    try:
        yield
    except OSError as error:
        raise _sentence(error) or error from error


def _sentence(error: OSError) -> EngineError | None:
    if error.errno == errno.ENOSPC:
        return disk_full(error.filename)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
        return EngineError(
            f"无法写入 {error.filename}，请检查该目录的所有者与权限。 "
            f"Cannot write to {error.filename}: check who owns the folder and its permissions."
        )
    return None


def disk_full(folder: object) -> EngineError:
    return EngineError(
        f"磁盘空间不足（{folder}），至少需要 500 MB，请清理后重试。 "
        f"The disk is full at {folder}: free at least 500 MB, then try again."
    )
