"""What was recorded is opened by the real program: the same window, the pictures, the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.test_program import program

pytestmark = [pytest.mark.e2e, pytest.mark.gui]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of the demo."""
    config = tmp_path_factory.mktemp("demo")
    done = program("--demo", "--record", "--config", str(config), "--quit-after", "8")
    assert done.returncode == 0, done.stderr
    (made,) = (config / "recordings").glob("*.rtmsrec")
    return made


@pytest.mark.parametrize("part", ["", "open.rtms", "tape.mcap"])
def test_a_recording_plays_in_the_window(bundle: Path, tmp_path: Path, part: str) -> None:
    from PySide6.QtGui import QImage

    picture, stats = tmp_path / "window.png", tmp_path / "stats.json"
    done = program(
        str(bundle / part), "--config", str(tmp_path / "config"), "--screenshot", str(picture), "--stats", str(stats),
        "--quit-after", "6",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert "ERROR" not in "".join(log.read_text() for log in (tmp_path / "config" / "log").glob("*.log"))
    assert json.loads(stats.read_text())["frames_shown"] > 60
    shown = QImage(str(picture))
    stage = shown.copy(shown.width() // 4, 80, shown.width() // 3, shown.height() // 4)
    colours = {stage.pixel(x, y) for x in range(0, stage.width(), 5) for y in range(0, stage.height(), 5)}
    assert len(colours) > 60  # a picture of a camera or a slide, no empty state


def test_what_is_no_recording_is_one_sentence(tmp_path: Path) -> None:
    done = program(str(tmp_path / "gone.rtmsrec"), "--config", str(tmp_path))
    assert done.returncode != 0
    assert "there is no recording" in done.stderr and "Traceback" not in done.stderr
