"""A recording in which much happens, for the mock server to send: what arrives each second is known beforehand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rtms_desktop.recording import names
from rtms_desktop.recording.manifest import write_manifest
from rtms_desktop.recording.reader import rebuild
from tests.fakes.clips import clip
from tests.fakes.long_recording import CONFIG, WALL_MS, Tape, media_text, server_ms

USERS = (16_778_240, 16_779_264)
AUDIO_MS, VIDEO_MS, LINE_MS, CHAT_MS = 20, 40, 200, 300
GOP = 10
_BEGIN_MS = 100


def make_meeting(folder: Path, seconds: float) -> Path:
    """Two people who send sound and 320x180 pictures all the time, five lines and three chat messages a second."""
    bundle = folder / names.bundle_name(WALL_MS, CONFIG.meeting_id)
    bundle.mkdir(parents=True)
    tape = Tape(bundle / names.TAPE)
    tape.join()
    for user in USERS:
        joined = {"event_type": 3, "timestamp": server_ms(0.06), "participants": [_person(user)]}
        tape.receive(0.06, "signaling", {"msg_type": 6, "event": joined})
    pictures = [media_text(15, unit) for unit in clip(10 * GOP, gop=GOP)]
    noise = np.random.default_rng(3)
    for ms in range(0, round(seconds * 1000), AUDIO_MS):
        s = (_BEGIN_MS + ms) / 1000
        stamp = server_ms(s)
        for user in USERS:
            sound = noise.normal(0, 4000, 16 * AUDIO_MS).astype("<i2").tobytes()
            tape.receive(s, "audio", media_text(14, sound) % (user, user, stamp))
            if ms % VIDEO_MS == 0:
                tape.receive(s, "video", pictures[ms // VIDEO_MS % len(pictures)] % (user, user, stamp))
        if ms % LINE_MS == 0:
            said = {"data": f"line {ms // LINE_MS}", "timestamp": stamp, "start_time": stamp, "end_time": stamp + 150}
            tape.receive(s, "transcript", {"msg_type": 17, "content": said | {"language": 9} | _person(USERS[0])})
        if ms % CHAT_MS == 0:
            wrote = {"message_id": str(ms), "operation_type": 1, "sender": _person(USERS[1]), "data": f"note {ms}"}
            tape.receive(s, "chat", {"msg_type": 18, "content": wrote | {"timestamp": stamp}})
    tape.tape.close()
    write_manifest(bundle, rebuild(bundle, bundle / names.TAPE).manifest | {"closed": True})
    return bundle


def _person(user: int) -> dict[str, object]:
    return {"user_id": user, "user_name": f"P{user}"}
