"""The one command: what it decides before it starts anything."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def bootstrap() -> ModuleType:
    """The script as a module; `packaging` is no package, since that name belongs to another."""
    spec = importlib.util.spec_from_file_location("rtms_bootstrap", ROOT / "packaging" / "bootstrap.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_is_a_lock_for_every_supported_python(bootstrap) -> None:
    for major, minor in bootstrap.SUPPORTED:
        lines = (bootstrap.CONSTRAINTS / f"python-{major}.{minor}.txt").read_text("utf-8").splitlines()
        pins = [line for line in lines if not line.startswith("#")]
        assert all(re.fullmatch(r"[a-z0-9._-]+==[0-9][0-9a-z.]*", pin) for pin in pins), pins
        assert pins == sorted(pins)


def test_the_locks_hold_every_dependency_within_its_bounds(bootstrap) -> None:
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [Requirement(text) for text in project["dependencies"] + project["optional-dependencies"]["test"]]
    for major, minor in bootstrap.SUPPORTED:
        text = (bootstrap.CONSTRAINTS / f"python-{major}.{minor}.txt").read_text("utf-8")
        locked = dict(line.split("==") for line in text.splitlines() if "==" in line)
        where = {"python_version": f"{major}.{minor}", "sys_platform": "linux", "platform_machine": "x86_64"}
        for requirement in wanted:
            if requirement.marker is None or requirement.marker.evaluate(where):
                names = {requirement.name.lower(), requirement.name.lower().replace("-", "_")}
                version = next(locked[name] for name in names if name in locked)
                assert requirement.specifier.contains(version), (requirement, version)


def test_a_changed_lock_changes_the_fingerprint(bootstrap, monkeypatch, tmp_path) -> None:
    before = bootstrap.fingerprint()
    assert bootstrap.fingerprint() == before
    changed = tmp_path / "lock.txt"
    changed.write_bytes(bootstrap.lock_file().read_bytes() + b"one-more==1.0\n")
    monkeypatch.setattr(bootstrap, "lock_file", lambda: changed)
    assert bootstrap.fingerprint() != before


def test_a_filled_environment_is_left_alone(bootstrap, monkeypatch, tmp_path) -> None:
    calls: list[tuple[str, ...]] = []
    monkeypatch.setenv("RTMS_DESKTOP_VENV", str(tmp_path))
    monkeypatch.setattr(bootstrap, "make_environment", lambda folder: folder / "bin" / "python")
    monkeypatch.setattr(bootstrap, "pip", lambda python, *arguments: calls.append(arguments))
    bootstrap.install("test")
    assert len(calls) == 2
    bootstrap.install("test")
    bootstrap.install("")  # what the tests need holds what the program needs
    assert len(calls) == 2


def test_the_run_environment_does_not_do_for_the_tests(bootstrap, monkeypatch, tmp_path) -> None:
    calls: list[tuple[str, ...]] = []
    monkeypatch.setenv("RTMS_DESKTOP_VENV", str(tmp_path))
    monkeypatch.setattr(bootstrap, "make_environment", lambda folder: folder / "bin" / "python")
    monkeypatch.setattr(bootstrap, "pip", lambda python, *arguments: calls.append(arguments))
    bootstrap.install("")
    bootstrap.install("test")
    assert [arguments[-1] for arguments in calls] == ["editables", ".", "editables", ".[test]"]


def test_a_failing_install_is_not_stamped(bootstrap, monkeypatch, tmp_path) -> None:
    def fail(python: Path, *arguments: str) -> None:
        raise bootstrap.BootstrapError("no network")

    monkeypatch.setenv("RTMS_DESKTOP_VENV", str(tmp_path))
    monkeypatch.setattr(bootstrap, "make_environment", lambda folder: folder / "bin" / "python")
    monkeypatch.setattr(bootstrap, "pip", fail)
    with pytest.raises(bootstrap.BootstrapError):
        bootstrap.install("test")
    assert not list(tmp_path.glob("*.stamp"))


def test_without_rights_the_missing_packages_are_named(bootstrap, monkeypatch, capsys) -> None:
    monkeypatch.setattr(bootstrap, "privilege", lambda: None)
    assert bootstrap.install_packages(["libportaudio2", "xvfb"]) is False
    assert "sudo apt-get install libportaudio2 xvfb" in capsys.readouterr().out


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="needs dpkg")
def test_only_what_is_missing_is_installed(bootstrap) -> None:
    assert bootstrap.missing_packages(["dpkg", "no-such-package"]) == ["no-such-package"]


def test_a_run_without_display_says_so_and_leaves_its_output(bootstrap, monkeypatch, tmp_path, capsys) -> None:
    started: list[tuple[list[str], dict[str, str]]] = []

    def start(command: list[str], *, env: dict[str, str], **_: object) -> subprocess.CompletedProcess[str]:
        started.append((command, env))
        Path(command[command.index("--screenshot") + 1]).write_bytes(b"png")
        (tmp_path / "20261121T100000Z_demo.rtmsrec").mkdir()
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(bootstrap, "OUTPUT", tmp_path)
    monkeypatch.setattr(bootstrap, "has_display", lambda: False)
    monkeypatch.setattr(bootstrap, "ensure_system_libraries", lambda wanted: None)
    monkeypatch.setattr(bootstrap, "install", lambda: Path("python"))
    monkeypatch.setattr(bootstrap.subprocess, "run", start)
    assert bootstrap.run(["--debug"]) == 0
    (command, environment), *others = started
    assert not others
    assert command[:4] == ["python", "-m", "rtms_desktop", "--demo"] and command[-1] == "--debug"
    assert environment["QT_QPA_PLATFORM"] == "offscreen"
    said = capsys.readouterr().out
    assert "no display" in said and str(tmp_path / "window.png") in said and "_demo.rtmsrec" in said


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
def test_the_display_ends_with_its_block(bootstrap, monkeypatch) -> None:
    monkeypatch.setattr(bootstrap, "has_display", lambda: False)
    with bootstrap.display() as variables:
        socket = Path("/tmp/.X11-unix/X" + variables["DISPLAY"][1:])
        assert socket.exists()
    assert not socket.exists()


def test_a_present_display_is_used(bootstrap, monkeypatch) -> None:
    monkeypatch.setenv("DISPLAY", ":77")
    with bootstrap.display() as variables:
        assert variables == {}


def test_an_unsupported_python_is_named_with_the_fix(bootstrap, monkeypatch, capsys) -> None:
    monkeypatch.setattr(bootstrap, "SUPPORTED", ((2, 0),))
    assert bootstrap.main(["install"]) == 1
    assert "install one of Python 2.0" in capsys.readouterr().err


def test_ci_runs_the_one_command() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK) or sys.platform == "win32"
    assert "python3 packaging/bootstrap.py test" in script.read_text("utf-8")
