"""What an installed program consists of."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling")
ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_the_wheel_holds_code_resources_licences_and_commands(tmp_path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = wheel.namelist()
        commands = wheel.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    assert {"rtms_desktop/paths.py", "rtms_desktop/_resources/icons/app.svg"} <= set(names)
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"rtms_desktop"}
    shared = {name.partition(".data/data/")[2] for name in names}
    assert {"share/applications/rtms-desktop.desktop", "share/mime/packages/rtms-desktop.xml"} <= shared
    assert sum("licenses/" in name for name in names) >= 4
    assert "rtms-desktop = rtms_desktop.__main__:main" in commands
    assert "rtms-desktop-gui = rtms_desktop.__main__:main" in commands
