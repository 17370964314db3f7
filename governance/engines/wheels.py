"""Where the installed wheels with the engines' programs lie."""

import importlib.util
from pathlib import Path

from governance.engines.errors import EngineError


def folder_of(package: str) -> Path:
    """The package's folder; found without importing it, as an import alone touches the system."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EngineError(
            f"没有安装内嵌引擎 {package}，请用 make run，或设置 DATABASE_URL 与 REDIS_URL。 "
            f"The embedded engine {package} is missing: use make run, "
            f"or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).parent
