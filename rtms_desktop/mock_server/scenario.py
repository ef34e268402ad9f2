"""Scenarios: a TOML file of timed acts, for rehearsals that are the same each time.

Each `[[step]]` has `at_s` and `do`; every other key goes to the act. Time counts from the first start of media; steps
at 0 or before are done when the server starts, so that they can meet the first handshake. `repeat_s` at the top starts
the list again after so many seconds.
"""

from __future__ import annotations

import asyncio
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rtms_desktop.errors import UsageError
from rtms_desktop.mock_server.arguments import ControlError
from rtms_desktop.mock_server.control import Control
from rtms_desktop.mock_server.stage import Stage
from rtms_desktop.mock_server.truth import TruthLog

_FORMAT = 'Write steps as [[step]], at_s = 12.0, do = "drop", link = "video".'


@dataclass(frozen=True, slots=True)
class Step:
    at_s: float
    do: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    title: str
    steps: tuple[Step, ...]
    repeat_s: float | None = None


def load_scenario(path: Path, acts: list[str]) -> Scenario:
    """Reads and checks a scenario. Raises UsageError with the number of the step that is wrong."""
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except OSError as error:
        raise UsageError(f"cannot read the scenario {path}", error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"the scenario {path.name} is no TOML", str(error), _FORMAT) from error
    given = table.get("step")
    if not isinstance(given, list) or not given:
        raise UsageError(f"the scenario {path.name} has no steps", fix=_FORMAT)
    steps = [_step(number, item, acts) for number, item in enumerate(given, 1)]
    repeat = table.get("repeat_s")
    if repeat is not None and (not isinstance(repeat, int | float) or repeat < max(step.at_s for step in steps)):
        raise UsageError("repeat_s must be a number not smaller than the time of the last step")
    return Scenario(str(table.get("title", path.stem)), tuple(sorted(steps, key=lambda step: step.at_s)), repeat)


def _step(number: int, item: Any, acts: list[str]) -> Step:
    if not isinstance(item, dict):
        raise UsageError(f"step {number} is no table", fix=_FORMAT)
    at_s, do = item.get("at_s"), item.get("do")
    if isinstance(at_s, bool) or not isinstance(at_s, int | float):
        raise UsageError(f"step {number} has no time", fix=_FORMAT)
    if do not in acts:
        raise UsageError(f"step {number} wants {do!r}, which is no act", fix=f"There are {', '.join(acts)}.")
    return Step(float(at_s), do, {key: value for key, value in item.items() if key not in ("at_s", "do")})


async def run_scenario(scenario: Scenario, control: Control, stage: Stage, truth: TruthLog) -> None:
    """Does every step at its time; one that fails is written down and the rest goes on."""
    for step in scenario.steps:
        if step.at_s <= 0:
            await _do(step, control, truth)
    await stage.begun.wait()
    clock, base_ms = stage.clock, 0.0
    while True:
        for step in scenario.steps:
            if step.at_s > 0:
                await asyncio.sleep(clock.due_in_s(base_ms + step.at_s * 1000))
                await _do(step, control, truth)
        if scenario.repeat_s is None:
            return
        base_ms += scenario.repeat_s * 1000
        # A list that lies at 0 altogether still must not spin.
        await asyncio.sleep(max(0.0, clock.due_in_s(base_ms)))


async def _do(step: Step, control: Control, truth: TruthLog) -> None:
    try:
        await control.do(step.do, dict(step.arguments))
    except ControlError as error:
        truth.emit("step_failed", str(step.arguments.get("link", "")), do=step.do, why=str(error))
