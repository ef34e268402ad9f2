"""Reads event subscriptions and event updates (messages 5 and 6) in every dialect and product."""

from __future__ import annotations

from typing import Any

from rtms_desktop.wire.answers import Fields
from rtms_desktop.wire.context import Context, Unreadable
from rtms_desktop.wire.enums import EventType, Product, VoiceEventType
from rtms_desktop.wire.lenient import flag, named, pick, time_ms
from rtms_desktop.wire.media_reading import read_person, read_typed_content
from rtms_desktop.wire.messages import EventSubscription, EventUpdate, Message, Person

LAST_VOICE_EVENT = 34


def subscription(obj: Fields, ctx: Context) -> Message:
    content = obj.get("content")
    if isinstance(content, dict) and "data_type" in content:
        return read_typed_content(obj, ctx)
    if isinstance(listed := obj.get("events"), list):
        wanted = [
            (kind, flag(item.get("subscribe")) is not False)
            for item in listed
            if isinstance(item, dict) and (kind := _event_type(item.get("event_type"), ctx)) is not None
        ]
        return EventSubscription(events=tuple(wanted))
    if isinstance(listed := obj.get("event_type"), list):
        kinds = [kind for item in listed if (kind := _event_type(item, ctx)) is not None]
        return EventSubscription(events=tuple((kind, True) for kind in kinds))
    raise Unreadable("an event subscription without events")


def _event_type(value: object, ctx: Context) -> int | None:
    found = named(value, EventType)
    if ctx.product is Product.CONTACT_CENTER and (voice := named(value, VoiceEventType)) is not None:
        return voice
    return found


def _is_known(kind: int, product: Product) -> bool:
    return kind in list(EventType) or (product is Product.CONTACT_CENTER and kind <= LAST_VOICE_EVENT)


def event(obj: Fields, ctx: Context) -> Message:
    """Event 6; a log line in its place (an old mock server sends such) has event type 0."""
    event = next((found for key in ("event", "content") if isinstance(found := obj.get(key), dict)), None)
    if event is None:
        event = {key: value for key, value in obj.items() if key != "msg_type"}
        if "event_type" not in event:
            raise Unreadable("an event update without an event")
    kind = _event_type(event.get("event_type"), ctx)
    if kind is None and "event_type" in event:
        raise Unreadable("an event update with an unreadable event_type")
    if kind is not None and not _is_known(kind, ctx.product):
        ctx.note_once("unknown_event", f"event type {kind} is not known")
    return EventUpdate(
        event_type=kind or 0,
        timestamp=time_ms(pick(event, "timestamp", "event_ts")),
        people=_people(event),
        raw=event,
    )


def _people(event: dict[str, Any]) -> tuple[Person, ...]:
    listed = pick(event, "participants", "participant_info", "paticipant_info")
    named_people = listed if isinstance(listed, list) else [event if listed is None else listed]
    return tuple(person for item in named_people if (person := read_person(item)) is not None)
