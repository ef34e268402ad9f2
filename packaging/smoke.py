"""Smoke test of a built program: `python3 packaging/smoke.py ENTRY.desktop [--root DIR]` ends with 0 when all is well.

The program is started from its desktop entry, on a display and a sound server of its own, and used as a person would:
Try it now, watch, hear, record, quit, open the recording by its type as a double-click does. Standard library; needs
Xvfb, xdotool, pulseaudio, gio and an installed entry (Debian: xvfb xdotool pulseaudio pulseaudio-utils libglib2.0-bin
shared-mime-info desktop-file-utils). With --root everything but display, sound server and keyboard runs inside that
root folder.
"""

from __future__ import annotations

import argparse
import array
import contextlib
import ctypes
import json
import math
import os
import queue
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

TOOLS = ("Xvfb", "xdotool", "pulseaudio", "parec")
LOUD = 200.0
"""RMS of 16-bit samples above which something plays; silence is 0."""
RECORD_S = 4.0
PR_SET_CHILD_SUBREAPER = 36


class SmokeError(Exception):
    """What did not happen."""


class Room:
    """Where the program runs: the whole system or a root folder; `home` is seen from outside, `inside` from within."""

    def __init__(self, root: Path | None) -> None:
        self.root = root
        self.home = Path(tempfile.mkdtemp(prefix="rtms-smoke-", dir=root / "tmp" if root else None))
        self.inside = Path("/") / self.home.relative_to(root) if root else self.home
        (self.home / "run").mkdir(mode=0o700)
        self.variables = {
            "PATH": os.environ["PATH"] if root is None else "/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self.inside),
            "XDG_RUNTIME_DIR": str(self.inside / "run"),
            "RTMS_DESKTOP_REPORT": "1",
        }

    def command(self, *words: str) -> list[str]:
        return ["chroot", str(self.root), *words] if self.root else list(words)

    def outside(self, path: str) -> Path:
        """A path that the program told, as it is seen from here."""
        return self.root / path.lstrip("/") if self.root else Path(path)


@contextlib.contextmanager
def running(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A helper process, ended with the block."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextlib.contextmanager
def display(room: Room) -> Iterator[None]:
    """A private X server."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"]
    with running(command, pass_fds=(writing,), stdout=subprocess.DEVNULL), os.fdopen(reading) as pipe:
        os.close(writing)
        room.variables |= {"DISPLAY": f":{pipe.readline().strip()}", "QT_QPA_PLATFORM": "xcb"}
        yield


@contextlib.contextmanager
def sound_server(room: Room) -> Iterator[None]:
    """A private PulseAudio with a null sink, to which ALSA plays."""
    socket, conf = room.home / "native", room.home / "asound.conf"
    conf.write_text("</usr/share/alsa/alsa.conf>\npcm.!default { type pulse }\nctl.!default { type pulse }\n", "ascii")
    command = [
        "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
        "-L", f"module-native-protocol-unix socket={socket} auth-anonymous=1",
        "-L", "module-null-sink sink_name=nul rate=48000 channels=2",
    ]  # fmt: skip
    place = {"HOME": str(room.home), "XDG_RUNTIME_DIR": str(room.home / "run")}
    with running(command, env=os.environ | place, stdout=subprocess.DEVNULL):
        wait_until(socket.exists, 10, "the sound server did not start")
        room.variables |= {
            "PULSE_SERVER": f"unix:{room.inside / 'native'}",
            "ALSA_CONFIG_PATH": str(room.inside / "asound.conf"),
        }
        yield


def wait_until(condition: Any, seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SmokeError(otherwise)
        time.sleep(0.05)


class Program:
    """The program as the desktop started it by `gio ACTION PATH`; its report lines in the order in which they came."""

    def __init__(self, room: Room, action: str, path: str) -> None:
        # The launcher ends at once; what it started becomes our child, so that its exit code can be asked for.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._room, self._lines = room, queue.SimpleQueue[dict[str, Any]]()
        self.said: list[str] = []
        self._window = ""
        self.started = time.time()
        launcher = subprocess.Popen(
            room.command("gio", action, path), env=room.variables, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert launcher.stdout is not None
        self._thread = threading.Thread(target=self._read, args=(launcher.stdout,), daemon=True)
        self._thread.start()
        if launcher.wait(20) != 0:
            raise SmokeError(f"gio {action} failed with {launcher.returncode}: {' '.join(self.said)}")

    def _read(self, stream: Any) -> None:
        with stream:
            for line in stream:
                try:
                    self._lines.put(json.loads(line))
                except ValueError:
                    self.said.append(line.rstrip())
        self._lines.put({"event": None})

    def until(self, event: str, seconds: float) -> dict[str, Any]:
        """The next line of that event; how long after the start it came is printed."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise SmokeError(
                    f"no {event!r} within {seconds:.0f} s; it said: {' | '.join(self.said[-5:])}"
                ) from None
            if line.get("event") is None:
                raise SmokeError(f"it ended before {event!r}; it said: {' | '.join(self.said[-5:])}")
            if line["event"] == event:
                say(f"{event} after {line['at'] - self.started:.2f} s")
                return line

    def press(self, key: str) -> None:
        """A key for the main window, as a keyboard sends it."""
        variables = os.environ | self._room.variables
        if not self._window:  # its title changes later
            find = ["xdotool", "search", "--onlyvisible", "--name", "RTMS Desktop$"]
            found = subprocess.run(find, env=variables, capture_output=True, text=True, check=False).stdout.split()
            if not found:
                raise SmokeError(f"there is no window; it said: {' | '.join(self.said[-5:])}")
            self._window = found[-1]
        command = ["xdotool", "windowfocus", "--sync", self._window, "key", "--clearmodifiers", key]
        subprocess.run(command, env=variables, check=True)

    def wait(self, seconds: float) -> int:
        """The exit code of what the launcher started."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid:
                self._thread.join(2)
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        raise SmokeError(f"it did not end within {seconds:.0f} s")


def loudness(room: Room) -> float:
    """RMS of one second of what the null sink plays."""
    server = f"unix:{room.home / 'native'}"
    command = ["parec", f"--server={server}", "--device=nul.monitor", "--format=s16le", "--rate=48000", "--channels=2"]
    with running(command, stdout=subprocess.PIPE, env=os.environ | {"HOME": str(room.home)}) as process:
        assert process.stdout is not None
        samples = array.array("h", process.stdout.read(48000 * 2 * 2))
    return math.sqrt(sum(s * s for s in samples) / max(1, len(samples)))


def ask(room: Room, *words: str) -> str:
    """The output of a command of the same program."""
    done = subprocess.run(
        room.command(*words), env=room.variables, capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode != 0:
        raise SmokeError(f"{' '.join(words)} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def use(room: Room, entry: str, program: str) -> None:
    """What a person does in the first minute."""
    run = Program(room, "launch", entry)
    run.until("first_paint", 30)
    run.until("ready", 30)
    run.press("ctrl+shift+t")
    run.until("first_frame", 30)
    wait_until(lambda: loudness(room) > LOUD, 10, "nothing is heard")
    say("sound is heard")
    run.press("ctrl+r")
    bundle = run.until("recording", 10)["bundle"]
    time.sleep(RECORD_S)
    run.press("ctrl+r")
    run.until("recorded", 30)
    leave(run)
    manifest = json.loads(ask(room, program, "inspect", bundle, "--json"))
    counts = manifest["counts"]
    if not manifest["closed"] or counts["audio"] < 100 or counts["video"] < 50:
        raise SmokeError(f"the recording is not whole: closed {manifest['closed']}, {counts}")
    if not room.outside(bundle).joinpath("media.mkv").exists():
        raise SmokeError("the recording has no media.mkv")
    run = Program(room, "open", f"{bundle}/open.rtms")
    run.until("first_frame", 30)
    leave(run)
    say(f"the recording opens: {counts}")


def leave(run: Program) -> None:
    """Quit; nothing may have gone wrong until then."""
    run.press("ctrl+q")
    run.until("closed", 10)
    code = run.wait(10)
    if code != 0:
        raise SmokeError(f"the program ended with {code}: {' | '.join(run.said[-5:])}")
    if any("Traceback" in line for line in run.said):
        raise SmokeError("there was a traceback:\n" + "\n".join(run.said))


def program_of(room: Room, entry: str) -> str:
    """The program that the entry starts."""
    for line in room.outside(entry).read_text("utf-8").splitlines():
        if line.startswith("Exec="):
            return shlex.split(line.removeprefix("Exec="))[0]
    raise SmokeError(f"{entry} starts nothing")


def say(text: str) -> None:
    print(text, flush=True)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="smoke.py", description="Uses a built program as a person would.")
    parser.add_argument("entry", help="its desktop entry; with --root as it is seen from within")
    parser.add_argument("--root", type=Path, metavar="DIR", help="a root folder in which it is installed")
    options = parser.parse_args(argv)
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        print(f"smoke: not here: {', '.join(missing)}", file=sys.stderr)
        return 2
    room = Room(options.root.resolve() if options.root else None)
    # Where the entry lies, there lie the types that it opens.
    room.variables["XDG_DATA_DIRS"] = f"{Path(options.entry).absolute().parents[1]}:/usr/local/share:/usr/share"
    try:
        with display(room), sound_server(room):
            use(room, options.entry, program_of(room, options.entry))
    except SmokeError as error:
        print(f"smoke: {error}", file=sys.stderr)
        return 1
    finally:
        end_children()
        shutil.rmtree(room.home, ignore_errors=True)
    say("smoke: all is well")
    return 0


def end_children() -> None:
    """Whatever was started here and still runs: it is a child of ours, since we are the subreaper."""
    with contextlib.suppress(OSError):
        for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split():
            os.kill(int(pid), signal.SIGTERM)
            os.waitpid(int(pid), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
