"""Listening for HTTP on this computer: one port, never wider than loopback. Loop's thread."""

from __future__ import annotations

import errno

from aiohttp import web

from rtms_desktop.errors import PortInUseError, UsageError
from rtms_desktop.transport.hosts import is_loopback


async def listen(app: web.Application, host: str, port: int) -> web.AppRunner:
    """Serve ``app``; port 0: any free one (``runner.addresses`` tells). Stop it with ``runner.cleanup()``.

    Raises:
        UsageError: the host is not this computer's own address.
        PortInUseError: somebody else listens there.
    """
    if not is_loopback(host):
        raise UsageError(f"this program does not listen on {host}", "only this computer may reach it", "Use a tunnel.")
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "another program listens there" if error.errno == errno.EADDRINUSE else "the system forbids it"
        raise PortInUseError(f"port {port} cannot be used", why, "Choose another port.") from error
    return runner
