#!/usr/bin/env python3
"""Third-party assets: `refresh.py` fetches them again (needs npm), `--check` verifies.

Each <name>-<version>/ holds minified files, the licence, and a VENDOR.json with the
version, the licence and a SHA-256 a file. What django-htmx and django-leaflet ship
(htmx, Leaflet) is not kept here again.
"""

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPRITE = "../../icons.svg"
SOURCE_MAP = re.compile(rb"\s*/[*/]# sourceMappingURL=[^\s*]+(\s*\*/)?\s*$")

ICONS = """
adjustments-horizontal alarm alert-circle alert-triangle arrow-back-up arrow-left
arrow-up-circle bell building building-community calendar camera chart-bar check
chevron-down chevron-left chevron-right circle-check circle-x clipboard-check
clipboard-text clock clock-pause copy current-location dots download edit external-link
eye file-spreadsheet filter git-merge history home hourglass id inbox info-circle key language
layout-grid link list list-details lock login logout map map-2 map-pin menu-2 message
message-circle moon paperclip phone photo photo-plus player-play plus printer refresh
route run search send settings shield shield-check speakerphone star stack-2 tag text-size
tool trash upload user user-check users walk x
"""


@dataclass(frozen=True)
class Package:
    npm: str
    version: str
    licence: str
    files: tuple[str, ...] = ()  # inside the package; copied flat

    @property
    def folder(self) -> Path:
        name = self.npm.lstrip("@").replace("/", "-")
        return HERE / f"{name}-{self.version}"


PACKAGES = (
    Package("@tabler/core", "1.6.1", "MIT", ("dist/css/tabler.min.css",)),
    Package("@tabler/icons", "3.51.0", "MIT"),
    Package("supercluster", "9.1.0", "ISC", ("dist/supercluster.min.js",)),
)


def refresh(package: Package, scratch: Path) -> None:
    source = unpack(package, scratch)
    folder = package.folder
    folder.mkdir(exist_ok=True)
    # @tabler/core ships no licence file: the one from its repository stays in place.
    if (source / "LICENSE").exists():
        (folder / "LICENSE").write_bytes((source / "LICENSE").read_bytes())
    for name in package.files:
        content = (source / name).read_bytes()
        (folder / Path(name).name).write_bytes(SOURCE_MAP.sub(b"\n", content))
    kept = ["LICENSE", *(Path(name).name for name in package.files)]
    if package.npm == "@tabler/icons":
        (folder / SPRITE).write_text(sprite(source / "icons/outline"))
        kept.append(SPRITE)
    record = {
        "name": package.npm,
        "version": package.version,
        "licence": package.licence,
        "sha256": {name: digest(folder / name) for name in kept},
    }
    (folder / "VENDOR.json").write_text(json.dumps(record, indent=2) + "\n")


def unpack(package: Package, scratch: Path) -> Path:
    done = subprocess.run(
        ["npm", "pack", "--silent", f"{package.npm}@{package.version}"],
        cwd=scratch,
        check=True,
        capture_output=True,
        text=True,
    )
    target = scratch / package.folder.name
    with tarfile.open(scratch / done.stdout.split()[-1]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def sprite(outline: Path) -> str:
    """One file of <symbol>s; colour and stroke width come from the page's CSS."""
    symbols = []
    for name in sorted(ICONS.split()):
        svg = (outline / f"{name}.svg").read_text()
        body = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
        body = body.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "")
        body = re.sub(r"\s+", " ", body).replace("> <", "><").strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    comment = "<!-- Tabler icons, MIT; made by static/vendor/refresh.py -->"
    lines = ['<svg xmlns="http://www.w3.org/2000/svg">', comment, *symbols, "</svg>"]
    return "\n".join(lines) + "\n"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def problems(package: Package) -> list[str]:
    folder = package.folder
    if not (folder / "VENDOR.json").exists():
        return [f"{folder.name}: no VENDOR.json"]
    kept = json.loads((folder / "VENDOR.json").read_text())["sha256"]
    found = []
    for name, expected in kept.items():
        path = folder / name
        if not path.exists():
            found.append(f"{folder.name}/{name}: missing")
        elif digest(path) != expected:
            found.append(f"{folder.name}/{name}: changed")
        elif b"sourceMappingURL" in path.read_bytes():
            found.append(f"{folder.name}/{name}: has a sourceMappingURL")
    here = {path.name for path in folder.iterdir()} - {"VENDOR.json"}
    found += [f"{folder.name}/{name}: not recorded" for name in sorted(here - set(kept))]
    return found


def main() -> int:
    if "--check" not in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as scratch:
            for package in PACKAGES:
                refresh(package, Path(scratch))
    found = [problem for package in PACKAGES for problem in problems(package)]
    folders = {path for path in HERE.iterdir() if path.is_dir() and path.name[0] != "."} - {
        package.folder for package in PACKAGES
    }
    found += [f"{path.name}: not in the list" for path in sorted(folders)]
    print("\n".join(found) or "Third-party assets are as recorded.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
