"""The likely causes of a failed connection, each with what this computer can say about it. Plain values, any thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from rtms_desktop.app.connect import ConnectRequest
from rtms_desktop.errors import RtmsError
from rtms_desktop.transport.hosts import endpoint
from rtms_desktop.wire.enums import Product
from rtms_desktop.wire.signature import signs_correctly

OLD_WEBHOOK_S = 120
PRODUCTS = {
    Product.MEETING: "Meeting",
    Product.WEBINAR: "Webinar",
    Product.VIDEO_SDK: "Video SDK",
    Product.CONTACT_CENTER: "Contact Center",
    Product.PHONE: "Phone",
}


class Doubt(StrEnum):
    """How much speaks for a cause; in the order in which causes are told."""

    FOUND = "found"
    POSSIBLE = "possible"
    RULED_OUT = "ruled out"


@dataclass(frozen=True, slots=True)
class Cause:
    """``note``: what is known about it here, or ""."""

    title: str
    note: str = ""
    doubt: Doubt = Doubt.POSSIBLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a request; of the secret only how long it is and whether blanks are in it.

    Attributes:
        signed_text: what the signature was made of.
        age_s: seconds between the announcement and the request, None when the payload does not say.
    """

    client_id: str
    secret_length: int
    has_blanks: bool
    product: Product
    event: str
    form: str
    meeting_id: str
    signed_text: str
    host: str
    loopback: bool
    zoom: bool
    age_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """``reached``: some address answered."""

    facts: Facts
    reached: bool


def facts_of(request: ConnectRequest, wall_ms: int) -> Facts:
    invite, secret = request.invite, request.client_secret
    try:
        where = endpoint(invite.signaling_url)
        host, loopback, zoom = where.host, where.loopback, where.known and not where.loopback
    except RtmsError:
        host, loopback, zoom = invite.signaling_url, False, False
    return Facts(
        client_id=request.client_id,
        secret_length=len(secret),
        has_blanks=any(c.isspace() for c in secret + request.client_id),
        product=invite.product,
        event=invite.event,
        form=invite.form,
        meeting_id=invite.meeting_id,
        signed_text=f"{request.client_id},{invite.meeting_id},{invite.stream_id}",
        host=host,
        loopback=loopback,
        zoom=zoom,
        age_s=None if invite.event_ts is None else (wall_ms - invite.event_ts) / 1000,
    )


def weigh(causes: Iterable[str], evidence: Evidence) -> list[Cause]:
    """Causes as the catalogue tells them, the likeliest first; those that are ruled out come last."""
    told = [_CHECKS.get(text, _unknown)(text, evidence) for text in causes]
    order = list(Doubt)
    return sorted(told, key=lambda cause: order.index(cause.doubt))


def _unknown(text: str, evidence: Evidence) -> Cause:
    return Cause(text)


def _other_app(text: str, evidence: Evidence) -> Cause:
    return Cause(text, "Compare it with App Credentials of the app that owns this subscription.")


def _mixed_up(text: str, evidence: Evidence) -> Cause:
    return Cause(text, "The payload does not say which one sent it. Try the other pair.")


def _other_product(text: str, evidence: Evidence) -> Cause:
    kind = PRODUCTS[evidence.facts.product]
    return Cause(text, f"This is a {kind} event: the keys must be those of such an app.")


def _blanks(text: str, evidence: Evidence) -> Cause:
    facts = evidence.facts
    if facts.has_blanks:
        return Cause(text, "There is a blank in the client id or the secret. Enter both again.", Doubt.FOUND)
    return Cause(text, f"The secret has {facts.secret_length} characters, none of them blank.", Doubt.RULED_OUT)


def _signing(text: str, evidence: Evidence) -> Cause:
    if signs_correctly():
        return Cause(text, "The known vector signs correctly on this computer.", Doubt.RULED_OUT)
    return Cause(text, "The known vector signs wrongly on this computer.", Doubt.FOUND)


def _age(text: str, evidence: Evidence) -> Cause:
    age = evidence.facts.age_s
    if age is None:
        return Cause(text, "The payload does not say when it was sent.")
    if age < OLD_WEBHOOK_S:
        return Cause(text, f"The payload was sent {max(0.0, age):.0f} s before.", Doubt.RULED_OUT)
    return Cause(text, f"The payload was sent {age / 60:.0f} min before.")


def _numeric(text: str, evidence: Evidence) -> Cause:
    meeting = evidence.facts.meeting_id
    if meeting.isdigit():
        return Cause(text, f"{meeting} is a number: take the UUID of the payload.", Doubt.FOUND)
    return Cause(text, "The id is not a number.", Doubt.RULED_OUT)


def _network_down(text: str, evidence: Evidence) -> Cause:
    if evidence.facts.loopback:
        return Cause(text, "The server is on this computer.", Doubt.RULED_OUT)
    return _reached(text, evidence)


def _name(text: str, evidence: Evidence) -> Cause:
    return _network_down(text, evidence)


def _reached(text: str, evidence: Evidence) -> Cause:
    return Cause(text, "An address of the server answered.", Doubt.RULED_OUT) if evidence.reached else Cause(text)


_Check = Callable[[str, Evidence], Cause]
_CHECKS: dict[str, _Check] = {
    "The client secret belongs to another app, or was regenerated.": _other_app,
    "Development and production credentials were mixed up.": _mixed_up,
    "The credentials of a Meeting app were used for a Video SDK app, or the other way round.": _other_product,
    "A blank or line break was copied along with the client id or secret.": _blanks,
    "The wrong text was signed, or with another algorithm.": _signing,
    "The stream id was taken from an older webhook.": _age,
    "The numeric meeting id was used instead of the UUID.": _numeric,
    "The network is down.": _network_down,
    "A firewall or proxy blocks the connection.": _reached,
    "The host name is not known.": _name,
}
"""What can be said here about a cause of the catalogue; every other one is possible."""
CHECKED = frozenset(_CHECKS)
