"""Joins a stream with Zoom's own SDK and prints what its callbacks got; run as a process, because it is native.

Usage: sdk_client.py PAYLOAD SECONDS CLIENT_ID CLIENT_SECRET. One JSON line per callback; the last is "summary".
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
import threading
import time
from collections import Counter
from typing import Any

import rtms


def say(kind: str, **fields: Any) -> None:
    print(json.dumps({"kind": kind, **fields}), flush=True)


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        payload = json.load(file)["payload"]
    joining, left = threading.Event(), threading.Event()
    counts: Counter[str] = Counter()
    pictures: dict[str, list[str]] = {"video": [], "share": []}
    digests: dict[str, list[str]] = {}
    client = rtms.Client()

    def note(track: str, data: bytes) -> None:
        counts[track] += 1
        digests.setdefault(track, []).append(hashlib.sha256(data).hexdigest()[:16])

    def picture(kind: str, data: bytes, metadata: Any) -> None:
        note(f"{kind}/{metadata.userId}", data)
        # One person's pictures from the first on, so that they decode.
        if metadata.userId == payload["first_user"] or kind == "share":
            if len(pictures[kind]) < 40:
                pictures[kind].append(base64.b64encode(data).decode())

    def audio(data: bytes, size: int, timestamp: int, metadata: Any) -> None:
        note(f"audio/{metadata.userId}", data)

    def transcript(data: bytes, size: int, timestamp: int, metadata: Any) -> None:
        say("transcript", text=data.decode(), user_id=metadata.userId, user_name=metadata.userName)

    def joined(reason: int) -> None:
        say("joined", reason=reason)
        joining.set()

    def leave(reason: int) -> None:
        say("left", reason=reason)
        left.set()

    client.on_join_confirm(joined)
    client.on_leave(leave)
    client.on_session_update(lambda operation, session: say("session", operation=operation, id=session.sessionId))
    client.on_audio_data(audio)
    client.on_video_data(lambda data, size, timestamp, metadata: picture("video", data, metadata))
    client.on_deskshare_data(lambda data, size, timestamp, metadata: picture("share", data, metadata))
    client.on_transcript_data(transcript)
    client.on_event_ex(lambda text: say("event", **json.loads(text)))
    client.join(
        meeting_uuid=payload["meeting_uuid"],
        rtms_stream_id=payload["rtms_stream_id"],
        server_urls=payload["server_urls"],
        client=sys.argv[3],
        secret=sys.argv[4],
    )
    if joining.wait(10):
        client.subscribe_event([2, 3, 4, 5, 6])  # what is wished for before joining is lost
    left.wait(float(sys.argv[2]))
    time.sleep(0.2)
    say("summary", counts=dict(counts), pictures=pictures, digests=digests)
    sys.stdout.flush()
    os._exit(0)  # the native library does not survive an orderly end of the interpreter


if __name__ == "__main__":
    main()
