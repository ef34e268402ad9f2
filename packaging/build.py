"""Builds what is handed out: `python3 packaging/build.py [wheel] [bundle] [tarball] [deb] [--out DIR]`.

Standard library only; without arguments all that this system can make. The tools and the program, installed from its
wheel, live in `build/environment`, filled from the locks of packaging/constraints; the results go to `dist/`. A bundle
runs on systems whose glibc is not older than the one it was built on.
"""

from __future__ import annotations

import argparse
import lzma
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import bootstrap
from bootstrap import ROOT, BootstrapError, say
from deb import make_deb

LINUX = ROOT / "packaging" / "linux"
LICENCES = Path(__file__).parent / "licences"
"""Texts that no part of the bundle brings along."""
STEPS = ("wheel", "bundle", "tarball", "deb")
UNASKED = ("bare",)
"""Only made when named."""
LINUX_ONLY = ("tarball", "deb")
ICON_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)


def project_version() -> str:
    """The version that the package states."""
    text = (ROOT / "rtms_desktop" / "__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    if found is None:
        raise BootstrapError("rtms_desktop/__init__.py states no version")
    return found[1]


def source_date() -> int:
    """Unix seconds that stand for the state of the source, so that the same source gives the same packages."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    git = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    try:
        return int(subprocess.run(git, capture_output=True, text=True, check=True).stdout)
    except (OSError, subprocess.CalledProcessError, ValueError):
        return int((ROOT / "CHANGELOG.md").stat().st_mtime)


@dataclass
class Build:
    """One run: where the results go, and each of them, made when it is first asked for."""

    out: Path
    work: Path = ROOT / "build"

    def __post_init__(self) -> None:
        self.version, self.date = project_version(), source_date()
        # The caller's paths must not lead to another copy of the program than the one that was built.
        clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
        self.variables = clean | {"SOURCE_DATE_EPOCH": str(self.date), "PYTHONHASHSEED": "0"}
        self.out.mkdir(parents=True, exist_ok=True)

    def run(self, *command: str | Path, cwd: Path = ROOT, **variables: str) -> None:
        """Runs a tool; raises BootstrapError with the end of its output when it fails."""
        done = subprocess.run(
            [str(word) for word in command], cwd=cwd, env=self.variables | variables, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            tail = "\n".join(done.stdout.splitlines()[-30:])
            raise BootstrapError(f"{Path(str(command[0])).name} failed with {done.returncode}:\n{tail}")

    @cached_property
    def python(self) -> Path:
        """The interpreter of the lean environment, which holds the tools."""
        folder = self.work / "environment"
        python = bootstrap.make_environment(folder)
        stamp, wanted = folder / "tools.stamp", bootstrap.fingerprint()
        if not stamp.exists() or stamp.read_text("ascii") != wanted:
            say(f"installing the build tools into {folder}")
            bootstrap.pip(python, "install", "--constraint", str(bootstrap.lock_file()), "hatchling", "pyinstaller")
            stamp.write_text(wanted, "ascii")
        return python

    @cached_property
    def wheel(self) -> Path:
        """The wheel."""
        python = self.python
        self.run(python, "-m", "hatchling", "build", "--target", "wheel", "--directory", self.out)
        return self.out / f"rtms_desktop-{self.version}-py3-none-any.whl"

    @cached_property
    def icons(self) -> Path:
        """The folder of the icon in its sizes; needs Qt, and so the installed program."""
        folder = self.work / "icons"
        self.run(self.python, ROOT / "packaging" / "icons.py", folder, QT_QPA_PLATFORM="offscreen")
        return folder

    @cached_property
    def bundle(self) -> Path:
        """The folder with the frozen program."""
        lock = str(bootstrap.lock_file())
        bootstrap.pip(self.python, "install", "--constraint", lock, str(self.wheel))
        bootstrap.pip(self.python, "install", "--force-reinstall", "--no-deps", str(self.wheel))
        icons = self.icons
        frozen = self.work / "frozen"
        # Not run where the source lies: the installed program is what is frozen.
        self.run(
            self.python, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN",
            "--distpath", frozen, "--workpath", self.work / "pyinstaller", ROOT / "packaging" / "rtms-desktop.spec",
            cwd=self.work, RTMS_DESKTOP_ICONS=str(icons),
        )  # fmt: skip
        self.strip_interpreter(frozen / "rtms-desktop" / "_internal")
        return frozen / "rtms-desktop"

    @cached_property
    def bare(self) -> Path:
        """A frozen window with one label, beside which the start of the program is measured."""
        bootstrap.pip(self.python, "install", "--constraint", str(bootstrap.lock_file()), str(self.wheel))
        self.run(
            self.python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "--name", "bare-window",
            "--distpath", self.work / "frozen", "--workpath", self.work / "pyinstaller", "--specpath", self.work,
            ROOT / "packaging" / "bare_window.py", cwd=self.work,
        )  # fmt: skip
        return self.work / "frozen" / "bare-window"

    def strip_interpreter(self, folder: Path) -> None:
        """Takes the debugging symbols (26 MB) out of a self-built Python.

        The libraries of wheels stay as they are: their segments were moved by auditwheel, and strip would break them.
        """
        strip = shutil.which("strip")
        if strip is not None and sys.platform.startswith("linux"):
            for library in (*folder.glob("libpython*.so*"), *folder.glob("python3*/lib-dynload/*.so")):
                self.run(strip, "--strip-unneeded", library)

    def desktop_files(self, share: Path) -> None:
        """What a Linux desktop wants below a `share` folder: entry, icons, MIME types, metadata, manual page."""
        for source, target in (
            ("rtms-desktop.desktop", "applications/rtms-desktop.desktop"),
            ("rtms-desktop.xml", "mime/packages/rtms-desktop.xml"),
            ("rtms-desktop.1", "man/man1/rtms-desktop.1"),
        ):
            place(LINUX / source, share / target)
        metadata = share / "metainfo" / METAINFO
        metadata.parent.mkdir(parents=True, exist_ok=True)
        day = time.strftime("%Y-%m-%d", time.gmtime(self.date))
        text = (LINUX / METAINFO).read_text("utf-8")
        metadata.write_text(text.replace("@VERSION@", self.version).replace("@DATE@", day), "utf-8")
        hicolor = share / "icons" / "hicolor"
        place(ROOT / "resources" / "icons" / "app.svg", hicolor / "scalable" / "apps" / "rtms-desktop.svg")
        for size in ICON_SIZES:
            place(self.icons / f"{size}.png", hicolor / f"{size}x{size}" / "apps" / "rtms-desktop.png")

    @cached_property
    def tarball(self) -> Path:
        """The frozen program with its desktop files and an installer for one user."""
        name = f"rtms-desktop-{self.version}-linux-{platform.machine()}"
        stage = fresh(self.work / "tarball") / name
        shutil.copytree(self.bundle, stage, symlinks=True)
        self.desktop_files(stage / "share")
        place(ROOT / "LICENSE", stage / "LICENSE")
        for text in sorted(LICENCES.iterdir()):
            place(text, stage / "licences" / text.name)
        place(LINUX / "README.txt", stage / "README.txt")
        place(LINUX / "install.sh", stage / "install.sh")
        (stage / "install.sh").chmod(0o755)
        made = self.out / f"{name}.tar.xz"
        pack(stage, made, self.date)
        return made

    @cached_property
    def deb(self) -> Path:
        """The Debian package."""
        return make_deb(self.bundle, self.desktop_files, self.work / "deb", self.out, self.version, self.date)


METAINFO = "rtms-desktop.metainfo.xml"


def place(source: Path, target: Path) -> None:
    """Copies one file and makes its folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def fresh(folder: Path) -> Path:
    """The folder, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def pack(folder: Path, archive: Path, date: int) -> None:
    """Writes `folder` as a tar.xz in which nothing depends on who packs it, or when."""

    def anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = date
        return entry

    xz = shutil.which("xz")
    if xz is None:
        with lzma.open(archive, "wb", preset=2) as compressed, tarfile.open(fileobj=compressed, mode="w|") as tar:
            tar.add(folder, folder.name, filter=anonymous)
        return
    # The tool compresses on all cores, the module on one.
    with archive.open("wb") as file:
        process = subprocess.Popen([xz, "-2", "--threads=0", "--stdout"], stdin=subprocess.PIPE, stdout=file)
        assert process.stdin is not None
        with process.stdin as pipe, tarfile.open(fileobj=pipe, mode="w|", bufsize=1 << 20) as tar:
            tar.add(folder, folder.name, filter=anonymous)
        if process.wait() != 0:
            raise BootstrapError(f"xz failed with {process.returncode}")


def size_text(path: Path) -> str:
    """Size of a file or of all files of a folder, in MB."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file() and not file.is_symlink()]
    return f"{sum(file.stat().st_size for file in files) / 1e6:.1f} MB"


def main(argv: Sequence[str]) -> int:
    """Builds what was asked for and says what was made; gives the exit code."""
    possible = [step for step in (*STEPS, *UNASKED) if sys.platform.startswith("linux") or step not in LINUX_ONLY]
    parser = argparse.ArgumentParser(prog="build.py", description="Builds the packages of this checkout.")
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"{', '.join(possible)}; by default all packages")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIR", help="where the results go")
    options = parser.parse_args(argv)
    strange = set(options.steps) - set(possible)
    if strange:
        parser.error(f"cannot build {', '.join(sorted(strange))} here; choose from {', '.join(possible)}")
    try:
        bootstrap.ensure_supported_python()
        build = Build(options.out.absolute())
        for step in [name for name in possible if name in (options.steps or STEPS)]:
            started = time.monotonic()
            made: Path = getattr(build, step)
            say(f"{step}: {made} ({size_text(made)}, {time.monotonic() - started:.0f} s)")
    except BootstrapError as error:
        print(f"build: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
