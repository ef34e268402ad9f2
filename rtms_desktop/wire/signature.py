"""Signatures of handshakes and webhooks: HMAC-SHA256 in lower-case hex.

Formats: Zoom RTMS docs; SDK 1.1.0 sends exactly the same handshake signatures.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

WINDOW_S = 300
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class WebhookVerdict:
    """Whether a webhook came from Zoom.

    Attributes:
        label: "ok", or what failed in the words of Zoom's libraries, such as "stale_x_zm_request_timestamp".
        sentence: the same for a person, with what to do.
    """

    ok: bool
    label: str
    sentence: str


_VERDICTS = {
    "ok": "The signature is valid.",
    "missing_webhook_secret_token": "No secret token is set, so nothing can be verified: enter the token of your app.",
    "missing_x_zm_signature": "The request has no x-zm-signature header: it was not sent by Zoom, or a proxy "
    "dropped it.",
    "missing_x_zm_request_timestamp": "The request has no x-zm-request-timestamp header: it was not sent by Zoom, or a "
    "proxy dropped it.",
    "invalid_x_zm_request_timestamp": "The x-zm-request-timestamp header is no Unix time in seconds.",
    "stale_x_zm_request_timestamp": "The request was signed too long ago or in the future: it is a replay, or this "
    "computer's clock is wrong.",
    "invalid_x_zm_signature": "The signature does not match: the secret token belongs to another app, or the body was "
    "changed on its way.",
}


# From the samples of Zoom's RTMS documentation: id, secret, meeting, stream; and what they sign to.
_VECTOR = ("AbCdEfGh1234", "s3cr3tKey", "4444AAAiAAAAAiAiAiiAii==", "609340fb2a7946909659956c8aa9250c")
_VECTOR_SIGNED = "c0abeb0ecaa027faf2e57da374a0a774c79076a6ac1a46c6866fc17be335dab3"


def _hmac(key: str, message: bytes) -> str:
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def sign_handshake(client_id: str, client_secret: str, meeting_id: str, stream_id: str) -> str:
    """The signature of messages 1 and 3. ``meeting_id`` is the id exactly as in the webhook, whatever the product."""
    return _hmac(client_secret, f"{client_id},{meeting_id},{stream_id}".encode())


def signs_correctly() -> bool:
    """Whether this computer signs a known handshake as it must be signed."""
    return sign_handshake(*_VECTOR) == _VECTOR_SIGNED


def sign_webhook(token: str, timestamp: str | int, body: bytes) -> str:
    """The x-zm-signature header for ``body`` as sent; ``timestamp`` in Unix seconds goes into its own header."""
    return "v0=" + _hmac(token, b"v0:" + str(timestamp).encode() + b":" + body)


def verify_webhook(
    token: str, headers: Mapping[str, str], body: bytes, now_s: float, window_s: float = WINDOW_S
) -> WebhookVerdict:
    """Check a received webhook.

    Args:
        token: the app's secret token.
        headers: HTTP headers; their names in any case.
        body: the body exactly as received.
        now_s: Unix time in seconds.
        window_s: how far the signed time may be from now; 0 = any.
    """
    given = {name.lower(): value for name, value in headers.items()}
    return _verdict(_check(token, given, body, now_s, window_s))


def _check(token: str, headers: Mapping[str, str], body: bytes, now_s: float, window_s: float) -> str:
    signature, timestamp = headers.get("x-zm-signature", ""), headers.get("x-zm-request-timestamp", "").strip()
    if not token:
        return "missing_webhook_secret_token"
    if not signature:
        return "missing_x_zm_signature"
    if not timestamp:
        return "missing_x_zm_request_timestamp"
    if not _TIMESTAMP.fullmatch(timestamp):
        return "invalid_x_zm_request_timestamp"
    if window_s > 0 and abs(now_s - int(timestamp)) > window_s:
        return "stale_x_zm_request_timestamp"
    # As bytes: compare_digest refuses text that is not ASCII.
    right = hmac.compare_digest(sign_webhook(token, timestamp, body).encode(), signature.strip().encode())
    return "ok" if right else "invalid_x_zm_signature"


def _verdict(label: str) -> WebhookVerdict:
    return WebhookVerdict(label == "ok", label, _VERDICTS[label])


def answer_url_validation(token: str, plain_token: str) -> dict[str, str]:
    """The body of the answer to endpoint.url_validation."""
    return {"plainToken": plain_token, "encryptedToken": _hmac(token, plain_token.encode())}
