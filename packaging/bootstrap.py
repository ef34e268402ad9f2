"""Prepares a checkout and runs it: `python3 packaging/bootstrap.py run | test | install | lock [arguments]`.

Standard library only. A virtual environment is made in `.venv` (or where RTMS_DESKTOP_VENV says), filled with the
locked versions of packaging/constraints, and left alone until the lock changes. System libraries are installed by apt
where that is allowed without asking; elsewhere the missing ones are named.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "packaging" / "constraints"
OUTPUT = ROOT / "demo-output"
SUPPORTED = ((3, 11), (3, 12), (3, 13))

RUN_LIBRARIES = (
    "libportaudio2", "libasound2-plugins", "libegl1", "libgl1", "libxkbcommon-x11-0", "libxcb-cursor0",
    "libxcb-icccm4", "libxcb-image0", "libxcb-keysyms1", "libxcb-render-util0", "libxcb-shape0", "libxcb-xkb1",
    "libdbus-1-3", "libfontconfig1", "fonts-dejavu-core",
)  # fmt: skip
TEST_LIBRARIES = (*RUN_LIBRARIES, "xvfb", "ffmpeg", "pulseaudio", "pulseaudio-utils")

STATIC_CHECKS = {
    "ruff format": ("ruff", "format", "--check", "--quiet"),
    "ruff check": ("ruff", "check", "--quiet"),
    "mypy": ("mypy",),
    "import-linter": (
        "-c",
        "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_logo=True))",
    ),
}
PERFECT = ("wire", "protocol", "session")
"""Packages whose every line and branch a test must reach."""

SLOW_TESTS = ("tests/app", "tests/e2e", "tests/interop")
"""They start programs and wait for them; about half of the time of all tests."""


class BootstrapError(Exception):
    """One sentence for the user: what failed, and what to do."""


def say(text: str) -> None:
    """One line that is in order with the output of child processes."""
    print(text, flush=True)


# -- Python ---------------------------------------------------------------------------------------------------


def ensure_supported_python() -> None:
    """Goes on in a supported Python; starts this script anew where the one that runs it is not."""
    if sys.version_info[:2] in SUPPORTED:
        return
    for major, minor in reversed(SUPPORTED):
        candidate = shutil.which(f"python{major}.{minor}")
        if candidate and subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            sys.exit(subprocess.run([candidate, *sys.argv], check=False).returncode)
    wanted = ", ".join(f"{major}.{minor}" for major, minor in SUPPORTED)
    raise BootstrapError(
        f"this is Python {sys.version.split()[0]}; install one of Python {wanted} and run it with that"
    )


def environment_folder() -> Path:
    """Where the virtual environment is or will be."""
    return Path(os.environ.get("RTMS_DESKTOP_VENV") or ROOT / ".venv").absolute()


def environment_python(folder: Path) -> Path:
    """The interpreter of a virtual environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_environment(folder: Path) -> Path:
    """The interpreter of the environment in `folder`, which is made (again) unless it has our Python version."""
    python = environment_python(folder)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    if python.exists():
        answer = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
        if answer.stdout.strip() == version:
            return python
    say(f"making a virtual environment for Python {version} in {folder}")
    command = [sys.executable, "-m", "venv", "--clear", str(folder)]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        # Debian keeps the venv module's pip apart.
        install_packages([f"python{version}-venv"])
        if subprocess.run(command, check=False).returncode != 0:
            raise BootstrapError(f"could not make {folder}; install the package python{version}-venv and try again")
    return python


# -- system libraries -----------------------------------------------------------------------------------------


def missing_packages(wanted: Sequence[str]) -> list[str]:
    """Which Debian packages are not installed; empty where dpkg does not rule."""
    if shutil.which("dpkg-query") is None:
        return []
    command = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *wanted]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    installed = {line.split()[0] for line in listed.splitlines() if line.endswith(" installed")}
    return [name for name in wanted if name not in installed]


def privilege() -> list[str] | None:
    """What must stand before apt-get: nothing, sudo, or None where it would have to ask."""
    if os.name != "posix" or shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def install_packages(names: Sequence[str]) -> bool:
    """Installs Debian packages where that is allowed without asking, and says how otherwise."""
    by_hand = f"sudo apt-get install {' '.join(names)}"
    prefix = privilege()
    if prefix is None:
        say(f"missing system packages; please install them: {by_hand}")
        return False
    say(f"installing system packages: {' '.join(names)}")
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    for step in (["update"], ["install", "--yes", "--no-install-recommends", *names]):
        done = subprocess.run(
            [*quiet, *step], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0 and step != ["update"]:
            say("\n".join(done.stdout.splitlines()[-8:]))
            say(f"the system packages could not be installed; going on without. By hand: {by_hand}")
            return False
    return True


def ensure_system_libraries(wanted: Sequence[str]) -> None:
    """Installs what is missing of `wanted`, or says what to install; never an error by itself."""
    if sys.platform.startswith("linux"):
        missing = missing_packages(wanted)
        if missing:
            install_packages(missing)
        elif shutil.which("dpkg-query") is None:
            say("no dpkg here: sound needs PortAudio, the window needs EGL, xkbcommon and the xcb libraries")


# -- Python packages ------------------------------------------------------------------------------------------


def lock_file() -> Path:
    """The locked versions for the running Python."""
    return CONSTRAINTS / f"python-{sys.version_info.major}.{sys.version_info.minor}.txt"


def fingerprint() -> str:
    """Changes whenever the environment has to be filled anew."""
    parts = [sys.version.encode(), str(ROOT).encode(), lock_file().read_bytes(), (ROOT / "pyproject.toml").read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def pip(python: Path, *arguments: str) -> None:
    """Runs pip, which then only reports errors, in an environment; raises BootstrapError when it fails."""
    command = [str(python), "-m", "pip", "-qq", "--disable-pip-version-check", "--no-input", *arguments]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise BootstrapError("the Python packages could not be installed (see above); check the network and try again")


def install(extra: str = "") -> Path:
    """An environment with the locked packages and this checkout, `extra` ("test" or "") with it; gives its Python."""
    folder = environment_folder()
    python = make_environment(folder)
    stamps = {name: folder / f"rtms-desktop-{name or 'run'}.stamp" for name in ("", "test")}
    wanted = fingerprint()
    satisfied = [stamps["test"]] if extra else list(stamps.values())
    if any(stamp.exists() and stamp.read_text("ascii") == wanted for stamp in satisfied):
        return python
    say(f"installing the locked packages into {folder}")
    lock = str(lock_file())
    # The build backend first: the project itself is then installed without the network.
    pip(python, "install", "--constraint", lock, "hatchling", "editables")
    target = f".[{extra}]" if extra else "."
    pip(python, "install", "--constraint", lock, "--no-build-isolation", "--editable", target)
    stamps[extra].write_text(wanted, "ascii")
    return python


def make_lock() -> int:
    """Writes the lock of the running Python from the newest versions that pyproject.toml allows."""
    python = make_environment(environment_folder())
    command = [
        str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--dry-run",
        "--ignore-installed", "--report", "-", "--editable", ".[test,package]", "hatchling", "editables",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise BootstrapError("the versions could not be resolved (see above)")
    packages = [item["metadata"] for item in json.loads(done.stdout)["install"]]
    pins = sorted(f"{p['name'].lower()}=={p['version']}" for p in packages if p["name"] != "rtms-desktop")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    head = [
        f"# Locked versions for Python {version}, used as constraints: what a platform does not need is not installed.",
        f"# Made by: python{version} packaging/bootstrap.py lock",
    ]
    CONSTRAINTS.mkdir(exist_ok=True)
    lock_file().write_text("\n".join([*head, *pins, ""]), "utf-8")
    say(f"{len(pins)} versions locked in {lock_file().relative_to(ROOT)}")
    return 0


# -- display --------------------------------------------------------------------------------------------------


def has_display() -> bool:
    """Whether a window can be shown."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextlib.contextmanager
def display() -> Iterator[dict[str, str]]:
    """The environment variables of a display: the present one, or that of an Xvfb of our own, ended with the block."""
    if has_display():
        yield {}
        return
    server = shutil.which("Xvfb")
    if server is None:
        say("no display and no Xvfb: tests that need a real display are skipped")
        yield {}
        return
    reading, writing = os.pipe()
    command = [server, "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"]
    process = subprocess.Popen(command, pass_fds=(writing,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        ready, _, _ = select.select([reading], [], [], 20)
        number = os.read(reading, 16).decode("ascii").strip() if ready else ""
        if not number:
            say("Xvfb did not start: tests that need a real display are skipped")
        yield {"DISPLAY": f":{number}"} if number else {}
    finally:
        os.close(reading)
        process.terminate()
        process.wait()


# -- commands -------------------------------------------------------------------------------------------------


def run(arguments: Sequence[str]) -> int:
    """Starts the program with its demo; without a display off screen, leaving a picture and a recording."""
    ensure_system_libraries(RUN_LIBRARIES)
    command = [str(install()), "-m", "rtms_desktop", "--demo"]
    if has_display():
        return subprocess.run([*command, *arguments], cwd=ROOT, check=False).returncode
    OUTPUT.mkdir(exist_ok=True)
    picture = OUTPUT / "window.png"
    picture.unlink(missing_ok=True)
    say("there is no display here: the demo runs off screen for 20 seconds")
    command += ["--record", "--config", str(OUTPUT)]
    command += ["--screenshot", str(picture), "--quit-after", "20", *arguments]
    code = subprocess.run(command, cwd=ROOT, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}, check=False).returncode
    recordings = sorted(OUTPUT.rglob("*.rtmsrec"), key=lambda folder: folder.stat().st_mtime)
    say(f"picture of the window: {picture if picture.exists() else 'none'}")
    say(f"recording: {recordings[-1] if recordings else 'none'}")
    return code


def run_tests(python: Path, arguments: Sequence[str]) -> dict[str, bool]:
    """Runs pytest and, when it runs whole, holds the core to full coverage; gives what passed."""
    if arguments:  # a part of the tests cannot reach every line
        with display() as variables:
            command = [str(python), "-m", "pytest", *arguments]
            return {
                "pytest": subprocess.run(command, cwd=ROOT, env=os.environ | variables, check=False).returncode == 0
            }
    with tempfile.TemporaryDirectory() as folder:
        good = run_all_tests(python, Path(folder))
    report = [str(python), "-m", "coverage", "report"]
    core = ",".join(f"rtms_desktop/{package}/*" for package in PERFECT)
    full = subprocess.run([*report, f"--include={core}", "--fail-under=100"], cwd=ROOT, check=False)
    total = subprocess.run([*report, "--format=total"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    say(f"coverage of the whole package: {total.stdout.strip() or '?'} % of lines and branches")
    return {"pytest": good, "core coverage": full.returncode == 0}


def run_all_tests(python: Path, folder: Path) -> bool:
    """Two shares side by side, as most of the time is waiting; whether all passed. `folder` takes what they leave."""
    rest = [f"--ignore={name}" for name in SLOW_TESTS]
    data = [folder / "coverage-slow", folder / "coverage-rest"]
    with display() as one, display() as other:
        environments = [
            os.environ | variables | {"PYTHONFAULTHANDLER": "1", "COVERAGE_FILE": str(file)}
            for variables, file in zip((one, other), data, strict=True)
        ]
        shares = [[*SLOW_TESTS, *cache(folder / "slow")], [*rest, *cache(folder / "rest")]]
        measured = [str(python), "-m", "coverage", "run", "-m", "pytest"]
        with (folder / "slow.txt").open("wb") as output:
            slow = subprocess.Popen(
                [*measured, *shares[0]], cwd=ROOT, env=environments[0], stdout=output, stderr=subprocess.STDOUT
            )
            try:
                good = [subprocess.run([*measured, *shares[1]], cwd=ROOT, env=environments[1], check=False).returncode]
                good.insert(0, slow.wait())
            finally:
                slow.kill()
                slow.wait()
        print((folder / "slow.txt").read_text("utf-8", "replace"), flush=True)
        for number, share in enumerate(shares):
            if good[number] != 0:
                # Many tests run against real time; a busy machine can make one late. Whoever fails twice is wrong.
                say("== pytest: what failed runs once more, alone")
                again = [str(python), "-m", "pytest", *share, "--last-failed", "--last-failed-no-failures", "none"]
                good[number] = subprocess.run(again, cwd=ROOT, env=environments[number], check=False).returncode
    combine = [str(python), "-m", "coverage", "combine", *(str(file) for file in data if file.exists())]
    subprocess.run(combine, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
    return good == [0, 0]


def cache(folder: Path) -> list[str]:
    """Options by which pytest remembers there, and only there, what failed."""
    return ["-o", f"cache_dir={folder}"]


def test(arguments: Sequence[str]) -> int:
    """Every check of the project; `arguments` go to pytest."""
    started = time.monotonic()
    ensure_system_libraries(TEST_LIBRARIES)
    python = install("test")
    passed = {}
    for name, tool in STATIC_CHECKS.items():
        command = [str(python), *(tool if tool[0] == "-c" else ("-m", *tool))]
        say(f"== {name}")
        passed[name] = subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    say("== pytest")
    passed |= run_tests(python, arguments)
    failed = [name for name, good in passed.items() if not good]
    took = f"({time.monotonic() - started:.0f} s)"
    say(f"checks: FAILED: {', '.join(failed)} {took}" if failed else f"checks: all {len(passed)} are good {took}")
    return 1 if failed else 0


def main(argv: Sequence[str]) -> int:
    """Runs one command and gives the exit code."""
    parser = argparse.ArgumentParser(prog="bootstrap.py", description="Prepares this checkout and runs it.")
    parser.add_argument("command", choices=("run", "test", "install", "lock"))
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the program (run) or pytest (test)")
    options = parser.parse_args(argv)
    try:
        ensure_supported_python()
        if options.command == "run":
            return run(options.arguments)
        if options.command == "test":
            return test(options.arguments)
        if options.command == "lock":
            return make_lock()
        ensure_system_libraries(RUN_LIBRARIES)
        say(f"ready: {install()}")
        return 0
    except BootstrapError as error:
        print(f"bootstrap: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
