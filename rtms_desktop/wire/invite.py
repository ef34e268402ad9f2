"""The announcement of a stream: what a webhook payload says once it has been understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rtms_desktop.wire.enums import Product


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """A readable rtms_started.

    Attributes:
        form: how it was written, for a person: "whole webhook", "bare payload", "curl command" ...
        url_form: "text", "list", "map" or "comma list".
        signaling_url: the chosen ws:// or wss:// URL, verbatim.
        extra: the other keys of the payload, as received.
    """

    product: Product
    meeting_id: str
    id_key: str
    stream_id: str
    signaling_url: str
    event: str = ""
    event_ts: int | None = None
    form: str = ""
    url_form: str = "text"
    extra: dict[str, Any] = field(default_factory=dict)
