"""The same by TLS: URLs say localhost, whatever the client called us."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
import websockets

from tests.mock_server.support import serving


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl program to make a certificate with")
    pem, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(pem)]
    subprocess.run(command, check=True, capture_output=True)
    return pem, key


async def test_wss(certificate: tuple[Path, Path]) -> None:
    context = ssl.create_default_context(cafile=str(certificate[0]))
    async with serving(tls=certificate) as mock:
        listening = mock.listening
        assert listening["http_url"].startswith("https://localhost:")
        assert listening["signaling_url"].startswith("wss://localhost:")
        async with websockets.connect(listening["signaling_url"], ssl=context, proxy=None) as socket:
            await socket.send(json.dumps(mock.hello()))
            response = json.loads(await socket.recv())
    urls = response["media_server"]["server_urls"]
    assert all(url.startswith(f"wss://localhost:{mock.server.addresses.media_port}/") for url in urls.values())
