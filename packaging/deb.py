"""Makes the Debian package of a frozen program with dpkg-deb alone; called by build.py.

The program lies under /usr/lib/rtms-desktop. Its debian files (control, copyright, lintian overrides) are in
packaging/linux/debian; what depends on the build is filled in here.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

from bootstrap import ROOT, BootstrapError

DEBIAN = ROOT / "packaging" / "linux" / "debian"
REVISION = "1"
HOME = Path("usr/lib/rtms-desktop")


def changelog(version: str, date: int) -> str:
    """The Debian changelog, made of the entries of CHANGELOG.md for this version."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    found = re.search(rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    entries = re.findall(r"^- (.*(?:\n  .*)*)", found[1] if found else "", re.MULTILINE)
    lines = ["  * " + " ".join(entry.split()) for entry in entries] or ["  * New version."]
    head = f"rtms-desktop ({version}-{REVISION}) unstable; urgency=medium"
    foot = f" -- {maintainer()}  {formatdate(date)}"
    return "\n\n".join([head, "\n".join(wrap(line) for line in lines), foot]) + "\n"


def wrap(line: str) -> str:
    """One entry of the changelog, at most 78 wide."""
    import textwrap

    return textwrap.fill(line, 78, subsequent_indent="    ", break_on_hyphens=False)


def maintainer() -> str:
    """Name and address from the control file."""
    found = re.search(r"^Maintainer: (.+)$", (DEBIAN / "control").read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return found[1]


def squeeze(path: Path, text: bytes) -> None:
    """Writes `text` gzipped as Debian wants it: best compression, neither name nor time inside."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text, 9, mtime=0))


def set_modes(stage: Path) -> None:
    """Folders and programs 755, all else 644, links as they are."""
    stage.chmod(0o755)
    for path in stage.rglob("*"):
        if not path.is_symlink():
            program = path.is_dir() or (path.parent == stage / HOME and path.name == "rtms-desktop")
            path.chmod(0o755 if program else 0o644)


def control(version: str, stage: Path, architecture: str) -> str:
    """The control file with version, architecture and size."""
    size = sum(path.stat().st_size for path in stage.rglob("*") if path.is_file() and not path.is_symlink())
    text = (DEBIAN / "control").read_text("utf-8")
    values = {"VERSION": f"{version}-{REVISION}", "ARCHITECTURE": architecture, "SIZE": str(-(-size // 1024))}
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def make_deb(
    bundle: Path, add_desktop_files: Callable[[Path], None], stage: Path, out: Path, version: str, date: int
) -> Path:
    """Puts the tree together in ``stage`` and packs it into ``out``; gives the path of the package.

    ``add_desktop_files`` fills a `share` folder; ``date``: Unix seconds of the source.
    """
    for tool in ("dpkg", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise BootstrapError(f"{tool} is not here; a Debian package is made on Debian or Ubuntu")
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(bundle, stage / HOME, symlinks=True)
    share, doc = stage / "usr/share", stage / "usr/share/doc/rtms-desktop"
    add_desktop_files(share)
    manual = share / "man/man1/rtms-desktop.1"
    squeeze(manual.with_name(manual.name + ".gz"), manual.read_bytes())
    manual.unlink()
    (stage / "usr/bin").mkdir()
    (stage / "usr/bin/rtms-desktop").symlink_to("../lib/rtms-desktop/rtms-desktop")
    doc.mkdir(parents=True)
    shutil.copyfile(DEBIAN / "copyright", doc / "copyright")
    squeeze(doc / "changelog.gz", (ROOT / "CHANGELOG.md").read_bytes())
    squeeze(doc / "changelog.Debian.gz", changelog(version, date).encode())
    overrides = share / "lintian/overrides/rtms-desktop"
    overrides.parent.mkdir(parents=True)
    shutil.copyfile(DEBIAN / "lintian-overrides", overrides)
    set_modes(stage)
    text = control(version, stage, architecture)
    sums = [
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(stage)}"
        for path in sorted(stage.rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]
    (stage / "DEBIAN").mkdir()
    (stage / "DEBIAN" / "control").write_text(text, "utf-8")
    (stage / "DEBIAN" / "md5sums").write_text("\n".join([*sums, ""]), "utf-8")
    made = out / f"rtms-desktop_{version}-{REVISION}_{architecture}.deb"
    pack = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z3", "--build", str(stage), str(made)]
    done = subprocess.run(pack, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise BootstrapError(f"dpkg-deb failed with {done.returncode}:\n{done.stdout}")
    return made
