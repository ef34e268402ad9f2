"""What can go wrong, by category, and the codes of this program for failures that no server numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A number of the wire or a local failure, told to a person.

    Attributes:
        number: as received; None when there was none.
        sentence: what it means, one full sentence.
        category: a key of CATEGORIES, or "ended" and "state" for what is no failure.
        causes: likely causes, the likeliest first.
        fixes: what to do, in order.
        retryable: whether trying again without changing anything can help.
        table: which numbering was assumed ("N1" ... "N4", "stop reason", "close code", "local", ...).
    """

    number: int | None
    name: str
    sentence: str
    category: str
    causes: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()
    retryable: bool = False
    table: str = ""

    @property
    def label(self) -> str:
        """``3 INVALID_SIGNATURE``."""
        return self.name if self.number is None else f"{self.number} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """Failures with the same remedy; causes and fixes stand for codes without their own."""

    title: str
    retryable: bool
    causes: tuple[str, ...]
    fixes: tuple[str, ...]


CATEGORIES: dict[str, Category] = {
    "auth": Category(
        title="Credentials",
        retryable=False,
        causes=(
            "The client secret belongs to another app, or was regenerated.",
            "Development and production credentials were mixed up.",
            "The credentials of a Meeting app were used for a Video SDK app, or the other way round.",
            "A blank or line break was copied along with the client id or secret.",
            "The wrong text was signed, or with another algorithm.",
        ),
        fixes=(
            "Copy client id and client secret again from the app that receives the webhook.",
            "Use the id from the webhook unchanged: it is part of what is signed.",
        ),
    ),
    "request": Category(
        title="Request",
        retryable=False,
        causes=("A field of the request is missing, malformed or not supported in this combination.",),
        fixes=("Reset the media settings to their defaults and connect again.",),
    ),
    "stream": Category(
        title="Stream",
        retryable=False,
        causes=("The stream has ended already.", "The stream id was taken from an older webhook."),
        fixes=("Wait for a new rtms_started webhook and connect with its payload.",),
    ),
    "meeting": Category(
        title="Meeting",
        retryable=False,
        causes=("The meeting is over.", "The numeric meeting id was used instead of the UUID."),
        fixes=("Use the UUID of the webhook of a running meeting.",),
    ),
    "connection": Category(
        title="Connection",
        retryable=True,
        causes=(
            "Another client holds this stream: Zoom allows one connection per stream and medium.",
            "The connection was opened again before Zoom had noticed that the old one was gone.",
        ),
        fixes=("Close the other client.", "Wait a few seconds and connect again."),
    ),
    "media": Category(
        title="Media type",
        retryable=False,
        causes=("The app lacks the scope for this medium.", "Nobody sends this medium."),
        fixes=("Add the scope in the Zoom App Marketplace and install the app again.", "Leave this medium out."),
    ),
    "permission": Category(
        title="Permission",
        retryable=True,
        causes=(
            "Realtime Media Streams is switched off for the account.",
            "The host did not allow the app.",
            "The app lacks a scope.",
        ),
        fixes=("Ask an account administrator to allow the app and Realtime Media Streams.",),
    ),
    "server": Category(
        title="Server",
        retryable=True,
        causes=("Zoom has trouble of its own.",),
        fixes=("Try again in a minute.", "See status.zoom.us."),
    ),
    "limit": Category(
        title="Limit",
        retryable=True,
        causes=("The account has as many streams as it may have.", "Too many requests came in a short time."),
        fixes=("End streams that nobody needs.", "Wait before trying again."),
    ),
    "network": Category(
        title="Network",
        retryable=True,
        causes=("The network is down.", "A firewall or proxy blocks the connection.", "The host name is not known."),
        fixes=("Allow outgoing connections to *.zoom.us on port 443.", "Check the URL in the payload."),
    ),
    "protocol": Category(
        title="Protocol",
        retryable=False,
        causes=("The server speaks another version of the protocol.", "It is no RTMS server."),
        fixes=("Update this program.", "Check the URL in the payload."),
    ),
    "security": Category(
        title="Security",
        retryable=False,
        causes=("The certificate is self-signed, expired or made for another name.", "A proxy replaces certificates."),
        fixes=("Give the certificate authority with --ca or ZM_RTMS_CA.", "Use the host name in the certificate."),
    ),
    "config": Category(
        title="Set-up",
        retryable=False,
        causes=("Something was not entered, or is not installed.",),
        fixes=("Open the settings and complete them.",),
    ),
    "unknown": Category(
        title="Unknown",
        retryable=True,
        causes=("The server sent a code that no known table has.",),
        fixes=("Read the server's own text, and try again.",),
    ),
}


def explained(
    name: str,
    sentence: str,
    category: str,
    causes: tuple[str, ...] = (),
    fixes: tuple[str, ...] = (),
    *,
    number: int | None = None,
    retryable: bool | None = None,
    table: str = "",
) -> Explanation:
    """An Explanation whose gaps are filled from its category."""
    default = CATEGORIES[category]
    return Explanation(
        number=number,
        name=name,
        sentence=sentence,
        category=category,
        causes=causes or default.causes,
        fixes=fixes or default.fixes,
        retryable=default.retryable if retryable is None else retryable,
        table=table,
    )


def _local(*entries: Explanation) -> dict[str, Explanation]:
    return {entry.name: entry for entry in entries}


LOCAL = _local(
    explained("CONNECTION_FAILED", "No connection to the server could be made.", "network", table="local"),
    explained(
        "TLS_FAILED", "The server's certificate was not accepted, so nothing was sent.", "security", table="local"
    ),
    explained(
        "HOST_NOT_ALLOWED",
        "The payload names a host that is neither part of zoom.us nor this computer, so nothing was sent.",
        "security",
        ("The payload comes from a test server.", "The payload was forged to obtain a signature."),
        ("Allow the host only if you know it: in the question shown, or with --allow-host.",),
        table="local",
    ),
    explained(
        "MISSING_CREDENTIALS",
        "There is no client id or client secret to sign the handshake with.",
        "config",
        ("They were never entered.", "The environment variables are not set in this shell."),
        ("Enter them in the connection form, or set ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET.",),
        table="local",
    ),
    explained("INVALID_CONFIG", "A setting has a value that cannot be used.", "config", table="local"),
    explained("NOT_INITIALIZED", "The program was asked to work before it was set up.", "config", table="local"),
    explained(
        "PORT_IN_USE",
        "Another program listens on the port.",
        "config",
        ("The mock server runs already.", "Another program uses the port."),
        ("Stop the other program, or choose another port; 0 takes any free one.",),
        table="local",
    ),
    explained(
        "PAYLOAD_UNREADABLE",
        "The text holds no announcement of a stream.",
        "request",
        ("Only part of the webhook was copied.", "It is another kind of webhook."),
        ("Paste the whole body of the rtms_started webhook.",),
        table="local",
    ),
    explained(
        "JOIN_TIMEOUT",
        "The server accepted the connection but did not answer the handshake in time.",
        "network",
        ("The server is overloaded.", "Something between here and the server holds messages back."),
        ("Try again.", "If it repeats, check the network with the connection doctor."),
        table="local",
    ),
    explained(
        "SIGNALING_ERROR", "The signaling connection was lost.", "connection", ("The network was interrupted.",),
        ("Wait: it is opened again by itself.",), table="local",
    ),
    explained(
        "MEDIA_ERROR", "A media connection was lost.", "connection", ("The network was interrupted.",),
        ("Wait: it is opened again by itself, the other media go on.",), table="local",
    ),
    explained(
        "KEEP_ALIVE_LOST",
        "The server fell silent: no keep-alive came for longer than it promises.",
        "network",
        ("The connection broke without being closed.", "This computer was asleep or too busy."),
        ("Wait: the connection is opened again by itself.",),
        table="local",
    ),
    explained(
        "RECONNECT_EXPIRED",
        "The stream could not be reached again within the time that the server waits.",
        "network",
        ("The network was down for longer than a minute.",),
        ("Wait for the next rtms_started webhook, or start the stream again in the meeting.",),
        retryable=False,
        table="local",
    ),
    explained(
        "NO_MEDIA_URL",
        "The server named no URL for any medium that was asked for.",
        "media",
        ("The app lacks the scopes of these media.",),
        table="local",
    ),
    explained(
        "NO_AUDIO_DEVICE",
        "There is no device to play sound on; everything else works.",
        "config",
        ("No device is plugged in or switched on.", "The sound library PortAudio is missing."),
        ("Plug in a device and choose it in the settings.", "On Linux install libportaudio2."),
        table="local",
    ),
    explained(
        "DISK_FULL",
        "The recording cannot be written.",
        "config",
        ("The disk is full.", "The folder is read-only or was unplugged."),
        ("Free some space or choose another folder.",),
        table="local",
    ),
)  # fmt: skip
"""Failures that happen on this computer, by name."""

REST = {
    2308: explained(
        "CALLER_MAY_NOT_START",
        "The caller may not start Realtime Media Streams in this meeting.",
        "permission",
        ("The caller is neither host nor alternative host.", "The caller joined anonymously."),
        ("Let the host start the app.",),
        number=2308,
        retryable=False,
        table="REST",
    ),
    2310: explained(
        "NO_DEVELOPER_PACK",
        "The account has no plan that includes Realtime Media Streams.",
        "permission",
        ("It is a basic account.", "The Developer Pack was not bought or has run out."),
        ("Ask the account owner for the Developer Pack.",),
        number=2310,
        retryable=False,
        table="REST",
    ),
}
"""Errors of Zoom's REST call that starts a stream."""


def explain_local(name: str) -> Explanation:
    """The explanation of a local code; an unlisted name is told as it stands."""
    return LOCAL.get(name) or explained(name, "Something unforeseen happened.", "unknown", table="local")
