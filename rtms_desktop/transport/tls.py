"""TLS for client sockets: always verified; a custom CA may be added, verification cannot be switched off."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from rtms_desktop.errors import UsageError


def client_context(ca: Path | None = None) -> ssl.SSLContext:
    """A verifying context of TLS 1.2 or newer. ``ca``, else the environment's ZM_RTMS_CA, adds a PEM file.

    Raises:
        UsageError: the file is missing or holds no certificate.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    chosen = ca or (Path(os.environ["ZM_RTMS_CA"]) if os.environ.get("ZM_RTMS_CA") else None)
    if chosen is not None:
        try:
            context.load_verify_locations(cafile=str(chosen))
        except (OSError, ssl.SSLError) as error:
            raise UsageError(
                f"the CA file {chosen} cannot be used", str(error), "Give a PEM file with the CA's certificate."
            ) from error
    return context
