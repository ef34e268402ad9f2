"""Tests packages where nothing else is: `python3 packaging/clean_room.py PACKAGE.deb|PACKAGE.tar.xz ...`, as root.

Makes a minimal Debian with debootstrap (kept in build/clean-room, from the mirror that apt uses here), installs one
package in a copy of it with no more than its declared dependencies, and runs smoke.py on it. Added is only what stands
for the desktop that opens an entry or a file: `gio` and the databases of types and of programs that open them.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bootstrap import ROOT, BootstrapError, ensure_system_libraries, say

WORK = ROOT / "build" / "clean-room"
TOOLS = (
    "debootstrap",
    "xvfb",
    "xdotool",
    "pulseaudio",
    "pulseaudio-utils",
    "desktop-file-utils",
    "appstream",
    "lintian",
)
ENTRY = "usr/share/applications/rtms-desktop.desktop"
DESKTOP = ("libglib2.0-bin", "shared-mime-info", "desktop-file-utils")
APT = ("apt-get", "-qq", "-o", "Dpkg::Use-Pty=0")
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


def run(*command: str | Path, **variables: str) -> str:
    """Runs a tool and gives its output; raises BootstrapError with the end of it when it fails."""
    done = subprocess.run(
        [str(word) for word in command], env=os.environ | QUIET | variables, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-20:])
        raise BootstrapError(f"{' '.join(map(str, command[:4]))} failed with {done.returncode}:\n{tail}")
    return done.stdout


def codename() -> str:
    """Of the Debian that runs here: a bundle is for this one and those after it."""
    found = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise BootstrapError("this is no Debian")
    return found[1]


def mirror() -> str:
    """Where apt gets this Debian from."""
    listed = run("apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages")
    for line in listed.splitlines():
        name, _, uri = line.partition(" ")
        if name == codename():
            return uri
    raise BootstrapError(f"apt knows no archive of {codename()}")


def base() -> Path:
    """A minimal Debian, made once."""
    folder = WORK / codename()
    if not (folder / "var/lib/rtms-ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        say(f"making a minimal {codename()} in {folder}")
        run("debootstrap", "--variant=minbase", codename(), folder, mirror())
        for part in Path("/etc/apt/apt.conf.d").glob("*"):
            shutil.copy(part, folder / "etc/apt/apt.conf.d" / part.name)
        (folder / "var/lib/rtms-ready").touch()
    return folder


@contextlib.contextmanager
def room() -> Iterator[Path]:
    """A fresh copy of the base, with the devices of this machine, gone afterwards."""
    folder = WORK / "room"
    leave(folder)
    run("cp", "-a", base(), folder)
    for name in ("proc", "dev", "sys"):
        run("mount", "--rbind", "--make-rslave", f"/{name}", folder / name)
    shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
    try:
        yield folder
    finally:
        leave(folder)


def leave(folder: Path) -> None:
    """Unmounts and deletes the room, in this order or not at all."""
    for name in ("proc", "dev", "sys"):
        if os.path.ismount(folder / name):
            run("umount", "--recursive", folder / name)
    if folder.exists():
        run("rm", "-rf", "--one-file-system", folder)


def install(package: Path, folder: Path) -> None:
    """Puts the package and what it declares to need into the room, and nothing else."""
    inside = folder / "tmp" / package.name
    shutil.copyfile(package, inside)
    apt = ("chroot", folder, *APT)
    run(*apt, "update")
    if package.suffix == ".deb":
        run(*apt, "install", "--yes", "--no-install-recommends", f"/tmp/{package.name}", *DESKTOP)
        # What is recommended for sound.
        run(*apt, "install", "--yes", "--no-install-recommends", "libasound2-plugins")
        return
    run("tar", "-xf", inside, "-C", folder / "opt")
    (unpacked,) = (folder / "opt").iterdir()
    # The file that tells a person what to install is taken at its word.
    told = (unpacked / "README.txt").read_text("utf-8").partition("apt-get install")[2].partition("\n\n")[0]
    run(*apt, "install", "--yes", "--no-install-recommends", *told.replace("\\", " ").split(), *DESKTOP)
    run("chroot", folder, f"/opt/{unpacked.name}/install.sh", PREFIX="/usr", PATH=PATH)


def check_libraries(folder: Path) -> None:
    """Every library that a part of the bundle asks for is found."""
    script = (
        # So does the start program of the bundle.
        "export LD_LIBRARY_PATH=$(dirname $(find /usr/lib/rtms-desktop -name 'libpython*')); "
        "find /usr/lib/rtms-desktop -type f \\( -name '*.so*' -o -name rtms-desktop \\) -exec ldd {} + 2>/dev/null "
        "| grep 'not found' | sort | uniq || true"
    )
    missing = run("chroot", folder, "sh", "-c", script, PATH=PATH).split("\n")
    named = sorted({line.split()[0] for line in missing if line.strip()})
    if named:
        raise BootstrapError(f"not found in the clean room: {', '.join(named)}")


def check_package(package: Path) -> None:
    """What the archive's own tools say of a Debian package."""
    said = run("lintian", "--allow-root", "--fail-on", "error,warning", package)
    say(f"lintian: {said.strip() or 'nothing to say'}")


def check_desktop_files(folder: Path) -> None:
    run("desktop-file-validate", folder / ENTRY)
    (metadata,) = (folder / "usr/share/metainfo").glob("rtms-desktop*.xml")
    run("appstreamcli", "validate", "--no-net", metadata)
    say("desktop entry and AppStream metadata are valid")


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="clean_room.py", description="Tests packages in a minimal Debian.")
    parser.add_argument("packages", nargs="+", type=Path, metavar="PACKAGE", help="a .deb or .tar.xz of build.py")
    options = parser.parse_args(argv)
    if os.geteuid() != 0:
        parser.error("only root may make a root folder")
    try:
        ensure_system_libraries(TOOLS)
        for package in options.packages:
            say(f"== {package.name}")
            if package.suffix == ".deb":
                check_package(package)
            with room() as folder:
                install(package, folder)
                check_desktop_files(folder)
                check_libraries(folder)
                smoke = [sys.executable, ROOT / "packaging" / "smoke.py", f"/{ENTRY}", "--root", folder]
                if subprocess.run([str(word) for word in smoke], check=False).returncode != 0:
                    raise BootstrapError(f"the smoke test of {package.name} failed")
    except BootstrapError as error:
        print(f"clean room: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
