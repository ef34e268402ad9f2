"""Messages for elsewhere: as JSON, as a curl or Python program, as a tape of their own. Secrets are blank."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from rtms_desktop.app.message_log import Bodies, Log
from rtms_desktop.app.message_opening import Opening, among, wake_before
from rtms_desktop.app.message_rows import Array, Channel
from rtms_desktop.errors import DiskError
from rtms_desktop.recording.tape import TapeWriter

_STEP = 1_000


def as_json(bodies: list[bytes]) -> str:
    """One message as indented JSON, several as an array; what is no JSON as its text."""
    values = [_value(body) for body in bodies]
    return json.dumps(values[0] if len(values) == 1 else values, indent=2, ensure_ascii=False)


def as_curl(channel: Channel, url: str, body: bytes) -> str:
    """A shell command that opens the same socket, and what was said over it as a comment."""
    text = body.decode("utf-8", "replace").replace("\n", " ")
    way = "Sent" if channel.direction == "out" else "Received"
    return (
        f"# {way} over the {channel.link} socket: {text}\n"
        "curl --no-buffer --include --http1.1 \\\n"
        "  -H 'Connection: Upgrade' -H 'Upgrade: websocket' \\\n"
        "  -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' \\\n"
        f"  {_shell(url.replace('wss://', 'https://', 1).replace('ws://', 'http://', 1))}\n"
    )


def as_python(channel: Channel, url: str, body: bytes) -> str:
    """A program: a message that was sent is sent again and the answer printed, one that was received is parsed."""
    text = repr(body.decode("utf-8", "replace"))
    if channel.direction != "out":
        return f"import json\n\nmessage = json.loads({text})\nprint(json.dumps(message, indent=2))\n"
    return (
        "from websockets.sync.client import connect\n\n"
        f"with connect({url!r}) as socket:\n"
        f"    socket.send({text})\n"
        "    print(socket.recv())\n"
    )


def save_tape(
    log: Log,
    serials: Array,
    bodies: Bodies,
    path: Path,
    told: Callable[[int], None] = lambda done: None,
    stop: Callable[[], bool] = lambda: False,
    opening: Iterable[Opening] = (),
) -> tuple[int, int, int]:
    """Write rows as a tape; (written, no longer held, added). A stopped one is removed. Raises DiskError.

    What is added of ``opening`` stands before the rows that need it: with it the tape can be played.
    """
    rows, written, gone, added = log.rows, 0, 0, 0
    try:
        path.unlink(missing_ok=True)
        tape = TapeWriter(path)
        for done, (serial, opened, chosen) in enumerate(among(serials, opening)):
            if done % _STEP == 0:
                told(done)
                if stop():
                    tape.abandon()
                    path.unlink(missing_ok=True)
                    return 0, 0, 0
            if opened is not None:
                time = opened.time + rows.wall_ms * 1_000_000
                timer = wake_before(opened)
                if timer is not None:
                    tape.control(timer, time)
                _write(tape, opened.channel, opened.body, time)
            elif (body := bodies.get(serial)) is not None:
                _write(tape, rows.channel(serial), body, rows.value("time", serial) + rows.wall_ms * 1_000_000)
            else:
                gone += 1
                continue
            written += chosen
            added += not chosen
        tape.close()
    except OSError as error:
        raise DiskError(
            f"{path} could not be written", error.strerror or str(error), "Choose another folder."
        ) from error
    return written, gone, added


def _write(tape: TapeWriter, channel: Channel, body: bytes, time: int) -> None:
    if channel.direction:
        tape.message(channel.link, channel.attempt, channel.direction, channel.opcode, body, time)
    else:
        tape.control(_record(body), time)


def _record(body: bytes) -> dict[str, object]:
    value = _value(body)
    return value if isinstance(value, dict) else {"do": "unreadable", "text": str(value)}


def _value(body: bytes) -> object:
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def _shell(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"
