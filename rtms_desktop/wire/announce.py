"""Builds the webhooks that announce, interrupt and end a stream. Shapes: Zoom RTMS docs and webhook reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rtms_desktop.wire.enums import Dialect, Product

_EVENT_PREFIX = {
    Product.MEETING: "meeting.rtms_",
    Product.WEBINAR: "webinar.rtms_",
    Product.VIDEO_SDK: "session.rtms_",
    Product.CONTACT_CENTER: "contact_center.voice_rtms_",
    Product.PHONE: "phone.rtms_",
}


def started_webhook(
    product: Product,
    meeting_id: str,
    stream_id: str,
    server_urls: str | list[str] | dict[str, str],
    *,
    event_ts: int,
    dialect: Dialect = Dialect.PRODUCTION,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """rtms_started. ``event_ts`` in Unix milliseconds; ``extra``: more payload keys, such as operator_id.

    In the README dialect one URL becomes a list of one, as its README shows it.
    """
    if dialect is Dialect.README and isinstance(server_urls, str):
        server_urls = [server_urls]
    fields = {"server_urls": server_urls}
    return _webhook("started", product, meeting_id, stream_id, fields, event_ts, dialect, extra)


def stopped_webhook(
    product: Product,
    meeting_id: str,
    stream_id: str,
    stop_reason: int,
    *,
    event_ts: int,
    dialect: Dialect = Dialect.PRODUCTION,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """rtms_stopped with a StopReason number."""
    fields = {"stop_reason": stop_reason}
    return _webhook("stopped", product, meeting_id, stream_id, fields, event_ts, dialect, extra)


def interrupted_webhook(
    product: Product,
    meeting_id: str,
    stream_id: str,
    *,
    event_ts: int,
    server_urls: str | None = None,
    dialect: Dialect = Dialect.PRODUCTION,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """rtms_interrupted; only Contact Center adds ``server_urls``."""
    fields = {} if server_urls is None else {"server_urls": server_urls}
    return _webhook("interrupted", product, meeting_id, stream_id, fields, event_ts, dialect, extra)


def url_validation_webhook(plain_token: str, *, event_ts: int) -> dict[str, Any]:
    """endpoint.url_validation, which the receiver answers with answer_url_validation."""
    return {"event": "endpoint.url_validation", "event_ts": event_ts, "payload": {"plainToken": plain_token}}


def _webhook(
    what: str,
    product: Product,
    meeting_id: str,
    stream_id: str,
    fields: Mapping[str, Any],
    event_ts: int,
    dialect: Dialect,
    extra: Mapping[str, Any] | None,
) -> dict[str, Any]:
    event = _EVENT_PREFIX[product] + what
    stream = {product.id_key: meeting_id, "rtms_stream_id": stream_id, **fields}
    if dialect is Dialect.README:
        return {"event": event.replace(".rtms_", ".rtms."), "payload": {**(extra or {}), "object": stream}}
    return {"event": event, "event_ts": event_ts, "payload": {**stream, **(extra or {})}}
