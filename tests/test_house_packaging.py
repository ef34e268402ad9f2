"""What stands in the packages, without building them: names that must agree, and files their own tools approve of."""

from __future__ import annotations

import configparser
import importlib.util
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

import rtms_desktop

ROOT = Path(__file__).resolve().parent.parent
LINUX = ROOT / "packaging" / "linux"
MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"


def script(name: str) -> ModuleType:
    """A script of packaging/ as a module; they import one another by their bare names."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "packaging" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def build(monkeypatch):
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    yield script("build")
    for name in set(sys.modules) - before:
        if name in ("build", "bootstrap", "deb"):
            del sys.modules[name]


@pytest.fixture
def entry() -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read(LINUX / "rtms-desktop.desktop", encoding="utf-8")
    return found


@pytest.fixture
def metadata(tmp_path) -> Path:
    text = (LINUX / "rtms-desktop.metainfo.xml").read_text("utf-8")
    written = tmp_path / "rtms-desktop.metainfo.xml"
    written.write_text(text.replace("@VERSION@", "1.2.3").replace("@DATE@", "2026-01-01"), "utf-8")
    return written


def test_the_version_of_the_packages_is_that_of_the_program(build) -> None:
    assert build.project_version() == rtms_desktop.__version__


def test_entry_types_and_metadata_name_the_same_types(entry, metadata) -> None:
    wanted = set(filter(None, entry["Desktop Entry"]["MimeType"].split(";")))
    types = ElementTree.parse(LINUX / "rtms-desktop.xml").getroot()
    assert {one.get("type") for one in types.iter(f"{MIME}mime-type")} == wanted
    component = ElementTree.parse(metadata).getroot()
    assert {one.text for one in component.iter("mediatype")} == wanted
    assert component.findtext("launchable") == "rtms-desktop.desktop"


def test_a_recording_opens_by_its_type(entry) -> None:
    """The type in every open.rtms is the one that the desktop knows."""
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "rtms_desktop" / "recording").rglob("*.py"))
    types = ElementTree.parse(LINUX / "rtms-desktop.xml").getroot()
    globs = {one.get("pattern"): kind.get("type") for kind in types for one in kind.iter(f"{MIME}glob")}
    assert globs["*.rtms"] in source


def test_the_entry_starts_a_command_that_is_installed(entry) -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    for section in entry.sections():
        assert re.search(rf"^{entry[section]['Exec'].split()[0]} = ", project, re.MULTILINE)
    assert entry["Desktop Entry"]["StartupWMClass"] == "RTMS Desktop"  # what Qt makes of the application's name


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="needs desktop-file-utils")
def test_the_entry_is_valid() -> None:
    done = subprocess.run(["desktop-file-validate", LINUX / "rtms-desktop.desktop"], capture_output=True, check=False)
    assert done.returncode == 0 and not done.stdout, done.stdout


@pytest.mark.skipif(shutil.which("appstreamcli") is None, reason="needs appstream")
def test_the_metadata_are_valid(metadata) -> None:
    done = subprocess.run(["appstreamcli", "validate", "--no-net", metadata], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_override_gives_its_reason() -> None:
    lines = (LINUX / "debian" / "lintian-overrides").read_text("utf-8").splitlines()
    reason = ""
    for line in lines:
        if line.startswith("rtms-desktop:"):
            assert reason, f"no reason above {line}"
        reason = line if line.startswith("# ") or (line.startswith("rtms-desktop:") and reason) else ""


@pytest.mark.parametrize("command", [[], ["record"], ["export"], ["inspect"], ["doctor"], ["bench"]])
def test_the_manual_names_every_option(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Those of the window and of each command; the mock server's many are left to its --help."""
    from rtms_desktop.__main__ import main

    with pytest.raises(SystemExit):
        main([*command, "--help"])
    manual = (LINUX / "rtms-desktop.1").read_text("utf-8").replace("\\", "")
    options = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert "--debug" in options and options <= set(re.findall(r"--[a-z][a-z-]+", manual))


def test_the_debian_changelog_is_made_of_ours(build) -> None:
    deb = script("deb")

    text = deb.changelog(rtms_desktop.__version__, 1_700_000_000)
    head, *_, last = text.rstrip().splitlines()
    assert head == f"rtms-desktop ({rtms_desktop.__version__}-1) unstable; urgency=medium"
    assert re.fullmatch(r" -- .+ <.+@.+>  \w{3}, \d\d \w{3} \d{4} [\d:]{8} [+-]\d{4}", last)
    assert "  * The window: video, sound" in text
    assert all(len(line) <= 80 for line in text.splitlines() if not line.startswith(" --"))


def test_an_archive_does_not_tell_who_packed_it_or_when(build, tmp_path) -> None:
    folder = tmp_path / "thing-1.0"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "file").write_bytes(b"x" * 100_000)
    (folder / "link").symlink_to("sub/file")
    first, second = tmp_path / "one.tar.xz", tmp_path / "two.tar.xz"
    for archive in (first, second):
        build.pack(folder, archive, 1_700_000_000)
        (folder / "sub" / "file").touch()
    assert first.read_bytes() == second.read_bytes()
    with tarfile.open(first) as tar:
        assert sorted(tar.getnames()) == ["thing-1.0", "thing-1.0/link", "thing-1.0/sub", "thing-1.0/sub/file"]
        assert {(member.uid, member.uname, member.mtime) for member in tar} == {(0, "root", 1_700_000_000)}


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_the_installer_of_the_tarball_takes_away_what_it_brought(tmp_path) -> None:
    unpacked, prefix = tmp_path / "unpacked", tmp_path / "prefix"
    (unpacked / "share" / "applications").mkdir(parents=True)
    (unpacked / "share" / "applications" / "rtms-desktop.desktop").write_text("[Desktop Entry]\nExec=rtms-desktop %f\n")
    (unpacked / "rtms-desktop").write_text("#!/bin/sh\necho started\n")
    (unpacked / "rtms-desktop").chmod(0o755)
    shutil.copy(LINUX / "install.sh", unpacked / "install.sh")
    (prefix / "share" / "applications").mkdir(parents=True)
    (prefix / "share" / "applications" / "other.desktop").write_text("")
    environment = {"PREFIX": str(prefix), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    for _ in range(2):  # a second time is an update
        subprocess.run(["sh", unpacked / "install.sh"], env=environment, check=True, capture_output=True)
    entry = (prefix / "share" / "applications" / "rtms-desktop.desktop").read_text()
    assert f'Exec="{prefix}/lib/rtms-desktop/rtms-desktop" %f' in entry
    started = subprocess.run([prefix / "bin" / "rtms-desktop"], capture_output=True, text=True, check=True)
    assert started.stdout == "started\n"
    subprocess.run(["sh", unpacked / "install.sh", "--remove"], env=environment, check=True, capture_output=True)
    left = sorted(str(path.relative_to(prefix)) for path in prefix.rglob("*") if not path.is_dir())
    assert [name for name in left if "cache" not in name] == ["share/applications/other.desktop"]


def test_the_licences_of_qt_and_of_the_whole_are_passed_on(build) -> None:
    """No part brings these texts along."""
    heads = {path.name: path.read_text("utf-8").splitlines()[0].strip() for path in build.LICENCES.iterdir()}
    assert heads == {"GPL-3.txt": "GNU GENERAL PUBLIC LICENSE", "LGPL-3.txt": "GNU LESSER GENERAL PUBLIC LICENSE"}
    assert "licences" in (ROOT / "packaging" / "linux" / "README.txt").read_text("utf-8")
