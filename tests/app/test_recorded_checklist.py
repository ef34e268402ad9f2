"""The Doctor in a recording: the recorded stream's own steps, and afterwards an empty page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from rtms_desktop.app.checklist import ALIVE, HANDSHAKE, READY, SOCKET, TLS, StepState
from rtms_desktop.app.controller import Controller
from rtms_desktop.app.settings import Settings
from tests.fakes.long_recording import make_bundle

pytestmark = pytest.mark.slow


async def until(what: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not what():
            await asyncio.sleep(0.005)


async def test_the_steps_of_a_recording(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path, 12.0, people=1, size=(320, 180))
    controller = Controller(Settings(tmp_path / "config"))
    examination = controller.examination
    try:
        controller.open_recording(bundle)
        await until(lambda: controller.session is not None and controller.session.progress == 1.0)
        await until(lambda: examination.listing is not None and examination.listing.first_waiting is None)
        assert examination.recorded and examination.verdict is None and examination.facts is None
        states = {step.number: step.state for step in examination.listing.steps}
        assert states[TLS] is StepState.SKIPPED
        assert all(states[number] is StepState.PASSED for number in (SOCKET, HANDSHAKE, READY, ALIVE))
        controller.close_recording()
        await until(lambda: controller.session is None)
        assert examination.listing is None and not examination.recorded
    finally:
        await controller.shutdown()
