"""Reads webhooks and pasted payloads of every product and form.

Called by the command line, the window and the webhook receiver; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from rtms_desktop.errors import PayloadError
from rtms_desktop.wire.announce import (
    interrupted_webhook,
    started_webhook,
    stopped_webhook,
    url_validation_webhook,
)
from rtms_desktop.wire.enums import ID_KEYS, Product, StopReason, label
from rtms_desktop.wire.invite import Invite
from rtms_desktop.wire.lenient import find_id, nests_deeper, pick, stop_reason, text, time_ms
from rtms_desktop.wire.payload_text import MAX_DEPTH, find_object
from rtms_desktop.wire.urls import signaling_url, url_form

__all__ = [
    "Webhook",
    "WebhookKind",
    "interrupted_webhook",
    "read_payload",
    "read_webhook",
    "started_webhook",
    "stopped_webhook",
    "url_validation_webhook",
]

_URL_KEYS = ("server_urls", "server_url", "signaling_url", "signaling_urls")
_STREAM_KEYS = ("rtms_stream_id", "stream_id")
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")
_PRODUCTS = {
    "meeting": Product.MEETING,
    "webinar": Product.WEBINAR,
    "session": Product.VIDEO_SDK,
    "contact_center": Product.CONTACT_CENTER,
    "contactcenter": Product.CONTACT_CENTER,
    "phone": Product.PHONE,
}
_PASTE_FIX = "Paste the body of the rtms_started webhook, unchanged."


class WebhookKind(StrEnum):
    """What a webhook tells."""

    STARTED = "started"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    URL_VALIDATION = "url_validation"
    CONCURRENCY_LIMITED = "concurrency_limited"
    CONCURRENCY_NEAR_LIMIT = "concurrency_near_limit"
    START_FAILED = "start_failed"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A webhook or a bare payload.

    Attributes:
        event: the event name in today's spelling ("meeting.rtms_started"), "" for a bare payload.
        event_ts: Unix milliseconds, None when it is not there.
        payload: the payload as received.
        invite: the announced stream; None unless id, stream id and a URL are there.
        stop_reason: StopReason number of a stopped webhook.
        form: how it was written, for a person.
    """

    event: str
    event_ts: int | None
    payload: dict[str, Any]
    product: Product
    kind: WebhookKind
    invite: Invite | None = None
    meeting_id: str = ""
    stream_id: str = ""
    stop_reason: int | None = None
    form: str = ""
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def plain_token(self) -> str:
        """The token of a URL validation, to be answered at once."""
        return text(self.payload.get("plainToken"))


def read_payload(source: str | bytes) -> Invite:
    """The stream that ``source`` announces.

    Raises:
        PayloadError: there is none, with what is missing.
    """
    webhook = read_webhook(source)
    if webhook.kind is WebhookKind.URL_VALIDATION:
        raise PayloadError("this is no stream", "it is Zoom's check of the webhook address", _PASTE_FIX)
    if webhook.kind is WebhookKind.STOPPED:
        raise PayloadError(
            "this stream has ended",
            f"the webhook says stop reason {label(StopReason, webhook.stop_reason)}",
            _PASTE_FIX,
        )
    if webhook.invite is None:
        raise _incomplete(webhook)
    return webhook.invite


def read_webhook(source: str | bytes) -> Webhook:
    """The webhook in ``source`` (its body, or anything pasted that holds one).

    Raises:
        PayloadError: there is no JSON object, or it is no webhook and no payload.
    """
    found, form = find_object(source)
    envelope = _first(found, _is_envelope) or {}
    payload = _object(envelope.get("payload")) or _first(found, _names_a_stream) or found
    fields = _fields(payload)
    event = text(envelope.get("event")).strip().lower().replace(".rtms.", ".rtms_")
    if form == "JSON":
        form = "whole webhook" if envelope else "bare payload"
    id_key, meeting_id = find_id(_fields(_object(fields.get("id_field")) or fields))
    stream_id = text(pick(fields, *_STREAM_KEYS))
    event_ts = time_ms(pick(envelope, "event_ts") or fields.get("event_ts")) or None
    product = _product(event, id_key)
    urls = pick(fields, *_URL_KEYS)
    invite = None
    if meeting_id and stream_id and (url := signaling_url(urls)):
        invite = Invite(
            product=product,
            meeting_id=meeting_id,
            id_key=id_key,
            stream_id=stream_id,
            signaling_url=url,
            event=event,
            event_ts=event_ts,
            form=form,
            url_form=url_form(urls),
            extra={key: value for key, value in fields.items() if key not in (id_key, *_STREAM_KEYS, *_URL_KEYS)},
        )
    return Webhook(
        event=event,
        event_ts=event_ts,
        payload=payload,
        product=product,
        kind=_kind(event, invite),
        invite=invite,
        meeting_id=meeting_id,
        stream_id=stream_id,
        stop_reason=stop_reason(pick(fields, "stop_reason", "reason")),
        form=form,
        fields=fields,
    )


def _is_envelope(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("event"), str) and _object(value.get("payload")) is not None


def _names_a_stream(value: Mapping[str, Any]) -> bool:
    spelled = _spelled(value)
    return pick(spelled, *_STREAM_KEYS) is not None and pick(spelled, *_URL_KEYS, *ID_KEYS) is not None


def _first(root: dict[str, Any], test: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any] | None:
    """The outermost object in ``root`` that passes; loggers and gateways wrap the body in objects of their own."""
    level: list[Any] = [root]
    for _ in range(MAX_DEPTH):
        objects = [found for item in level if (found := _object(item)) is not None]
        for item in objects:
            if test(item):
                return item
        level = [child for item in objects for child in item.values()]
        level += [child for item in level if isinstance(item, list) for child in item]
    return None


def _object(value: object) -> dict[str, Any] | None:
    """An object, also when it is written as JSON text."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = msgspec.json.decode(value)
        except (ValueError, RecursionError):
            return None
        if nests_deeper(value, MAX_DEPTH):
            return None
    return value if isinstance(value, dict) else None


def _fields(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload with what an older form puts under ``object``, keys in snake case."""
    inner = _object(payload.get("object")) or {}
    outer = {key: value for key, value in payload.items() if key != "object"}
    return _spelled({**outer, **inner})


def _spelled(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {_HUMP.sub(r"_\1", key).lower(): value for key, value in fields.items()}


def _product(event: str, id_key: str) -> Product:
    by_event = _PRODUCTS.get(event.partition(".")[0])
    if by_event is not None:
        return by_event
    return next((product for product in Product if product.id_key == id_key), Product.MEETING)


def _kind(event: str, invite: Invite | None) -> WebhookKind:
    if not event and invite is not None:
        return WebhookKind.STARTED
    for kind in WebhookKind:
        if event.endswith((f".{kind.value}", f"rtms_{kind.value}")):
            return kind
    return WebhookKind.OTHER


def _incomplete(webhook: Webhook) -> PayloadError:
    urls = pick(webhook.fields, *_URL_KEYS)
    missing = []
    if not webhook.meeting_id:
        missing.append("the id (" + ", ".join(ID_KEYS) + ")")
    if not webhook.stream_id:
        missing.append("rtms_stream_id")
    if urls is None:
        missing.append("server_urls")
    name = f"the webhook {webhook.event}" if webhook.event else "the payload"
    if missing:
        return PayloadError(f"{name} announces no stream", "it lacks " + " and ".join(missing), _PASTE_FIX)
    return PayloadError(f"{name} cannot be used", "server_urls holds no ws:// or wss:// URL", _PASTE_FIX)
