"""Pictures on their way to the main thread."""

from __future__ import annotations

from rtms_desktop.media.frames import VideoFrame
from rtms_desktop.media.mailbox import FrameMailbox


def frame(user_id: int, pts_ms: int) -> VideoFrame:
    return VideoFrame(
        key=("video", user_id), width=1, height=1, stride=4, bgra=memoryview(b"\0\0\0\0"), source_width=1,
        source_height=1, pts_ms=pts_ms, arrived_at=0.0, due_at=0.0, keyframe=False,
    )  # fmt: skip


def test_one_wake_for_each_emptying_and_the_newest_of_each_track() -> None:
    wakes: list[None] = []
    mailbox = FrameMailbox(lambda: wakes.append(None))
    assert mailbox.take() == {}
    for pts_ms in (1, 2, 3):
        mailbox.put(frame(1, pts_ms))
    mailbox.put(frame(2, 9))
    assert len(wakes) == 1
    taken = mailbox.take()
    assert {key: found.pts_ms for key, found in taken.items()} == {("video", 1): 3, ("video", 2): 9}
    assert mailbox.replaced == 2
    mailbox.put(frame(1, 4))
    assert len(wakes) == 2
