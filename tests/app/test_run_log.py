from __future__ import annotations

import logging
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rtms_desktop.app import run_log
from rtms_desktop.app.run_log import RunLog

CRASH = """
import sys, os, signal, logging
from pathlib import Path
from rtms_desktop.app.run_log import RunLog
log = RunLog(Path(sys.argv[1]))
log.start()
logging.getLogger("test").info("the last word")
os.kill(os.getpid(), int(sys.argv[2]))
"""


@pytest.fixture
def root_logger():
    """The level of the root logger as it was."""
    root = logging.getLogger()
    before = root.level
    yield root
    root.setLevel(before)


def crash(folder: Path, number: signal.Signals) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CRASH, str(folder), str(int(number))], capture_output=True, check=False
    )
    assert done.returncode == -number


def test_a_clean_run_leaves_its_log_and_nothing_to_tell(tmp_path, root_logger) -> None:
    first = RunLog(tmp_path)
    first.start()
    logging.getLogger("rtms_desktop.test").info("hello")
    first.close()
    assert [path.suffix for path in tmp_path.iterdir()] == [".log"]
    assert "rtms_desktop.test: hello" in next(tmp_path.iterdir()).read_text()
    second = RunLog(tmp_path)
    second.start()
    assert second.crashed == []
    second.close()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
def test_a_crash_is_told_once_with_the_stacks_behind_its_log(tmp_path, root_logger, number) -> None:
    crash(tmp_path, number)
    after = RunLog(tmp_path)
    after.start()
    (told,) = after.crashed
    text = told.read_text()
    assert "the last word" in text and "did not end properly" in text and "Current thread" in text
    after.close()
    later = RunLog(tmp_path)
    later.start()
    assert later.crashed == []
    later.close()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_kill_is_told_too(tmp_path, root_logger) -> None:
    crash(tmp_path, signal.SIGKILL)
    after = RunLog(tmp_path)
    after.start()
    assert len(after.crashed) == 1
    after.close()


def test_a_run_that_lives_is_no_crash(tmp_path, root_logger) -> None:
    code = CRASH.replace("os.kill(os.getpid(), int(sys.argv[2]))", "print('up', flush=True); sys.stdin.read()")
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path), "0"], stdin=pipe, stdout=pipe) as other:
        assert other.stdout is not None and other.stdin is not None
        assert other.stdout.readline().strip() == b"up"
        mine = RunLog(tmp_path)
        mine.start()
        assert mine.crashed == []
        mine.close()
        other.stdin.close()


def test_old_logs_go(tmp_path, root_logger) -> None:
    for number in range(20):
        (tmp_path / f"20200101T0000{number:02}-1.log").write_text("old")
    log = RunLog(tmp_path)
    log.start()
    log.close()
    assert len(list(tmp_path.glob("*.log"))) <= run_log.KEPT + 1
    assert not (tmp_path / "20200101T000000-1.log").exists()


def test_a_log_stops_growing(tmp_path, root_logger, monkeypatch) -> None:
    monkeypatch.setattr(run_log, "LIMIT", 2000)
    log = RunLog(tmp_path)
    log.start()
    for _ in range(200):
        logging.getLogger("rtms_desktop.test").info("x" * 100)
    log.close()
    assert next(tmp_path.glob("*.log")).stat().st_size < 4000


@pytest.mark.expects_log
def test_without_a_folder_the_program_runs_on(tmp_path, root_logger) -> None:
    (tmp_path / "file").write_text("")
    log = RunLog(tmp_path / "file" / "log")
    log.start()
    log.close()
