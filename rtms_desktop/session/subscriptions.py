"""What the session wants to be told, and asks for again after every new signaling connection. Part of the core."""

from __future__ import annotations

from collections.abc import Iterable

from rtms_desktop.wire.enums import Product
from rtms_desktop.wire.messages import EventSubscription, Message, VideoSubscriptionRequest

# 1 and 7 come unasked (Zoom RTMS docs).
_MEETING_EVENTS = frozenset({2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14})
_VOICE_EVENTS = frozenset({*range(2, 7), *range(8, 35)})


class Subscriptions:
    """Events and individual video.

    Attributes:
        events: event numbers that are subscribed.
        video_user: whose individual video is subscribed, None: nobody's.
    """

    def __init__(self, product: Product) -> None:
        self.events = set(_VOICE_EVENTS if product is Product.CONTACT_CENTER else _MEETING_EVENTS)
        self.video_user: int | None = None

    def change_events(self, events: Iterable[int], subscribe: bool) -> Message:
        """Message 5 for this change only."""
        changed = sorted(set(events))
        if subscribe:
            self.events.update(changed)
        else:
            self.events.difference_update(changed)
        return EventSubscription(events=tuple((event, subscribe) for event in changed))

    def change_video(self, user_id: int, subscribe: bool, server_ms: int) -> Message:
        """Message 28; a new subscription replaces the old one (Zoom RTMS docs)."""
        if subscribe:
            self.video_user = user_id
        elif self.video_user == user_id:
            self.video_user = None
        return VideoSubscriptionRequest(user_id=user_id, subscribe=subscribe, timestamp=server_ms)

    def all(self, server_ms: int) -> list[Message]:
        """Everything, for a connection that knows nothing yet."""
        messages: list[Message] = [EventSubscription(events=tuple((event, True) for event in sorted(self.events)))]
        if self.video_user is not None:
            messages.append(VideoSubscriptionRequest(user_id=self.video_user, subscribe=True, timestamp=server_ms))
        return messages
