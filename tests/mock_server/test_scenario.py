"""Scenario files: read, checked, and done in time; the shipped ones are valid."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtms_desktop.errors import UsageError
from rtms_desktop.mock_server.scenario import load_scenario, run_scenario
from rtms_desktop.paths import resource
from tests.mock_server.support import L16, serving

ACTS = ["drop", "pause", "resume", "end"]


def write(folder: Path, text: str) -> Path:
    path = folder / "steps.toml"
    path.write_text(text)
    return path


def test_steps_are_sorted_and_keep_their_arguments(tmp_path: Path) -> None:
    text = 'title = "Two"\n[[step]]\nat_s = 3\ndo = "end"\n[[step]]\nat_s = 1.5\ndo = "drop"\nlink = "video"\n'
    scenario = load_scenario(write(tmp_path, text), ACTS)
    assert scenario.title == "Two"
    assert [(step.at_s, step.do, step.arguments) for step in scenario.steps] == [
        (1.5, "drop", {"link": "video"}),
        (3.0, "end", {}),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no steps"),
        ("step = 5", "no steps"),
        ("[[step]]\ndo = 'end'", "step 1 has no time"),
        ("[[step]]\nat_s = 1\ndo = 'end'\n[[step]]\nat_s = 1\ndo = 'fly'", "step 2 wants 'fly'"),
        ("[[step]]\nat_s = 'soon'\ndo = 'end'", "step 1 has no time"),
        ("[[step", "no TOML"),
        ("repeat_s = 1\n[[step]]\nat_s = 2\ndo = 'end'", "repeat_s"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_scenario(write(tmp_path, text), ACTS)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        load_scenario(tmp_path / "none.toml", ACTS)


async def test_steps_are_done_at_their_media_time(tmp_path: Path) -> None:
    text = """
    repeat_s = 0.4
    [[step]]
    at_s = 0
    do = "wrong_status"
    status = 12
    link = "transcript"
    [[step]]
    at_s = 0.1
    do = "pause"
    [[step]]
    at_s = 0.2
    do = "resume"
    [[step]]
    at_s = 0.3
    do = "drop"
    link = "video"
    """
    async with serving() as mock:
        server = mock.server
        scenario = load_scenario(write(tmp_path, text), server.control.names)
        server.tasks.start(run_scenario(scenario, server.control, server.stage, server.truth), "scenario")
        await mock.until("wrong_status")
        async with mock.client({"audio": L16}):
            await mock.until("resume", 2)
        steps = [record for record in mock.truth if record["event"] in ("pause", "resume", "step_failed")]
        times = [record["media_ms"] for record in steps[:5]]
        assert times == pytest.approx([100, 200, 300, 500, 600], abs=40)
        assert steps[2]["event"] == "step_failed" and "video" in steps[2]["why"]


async def test_the_shipped_scenarios_are_valid() -> None:
    paths = sorted(resource("scenarios").glob("*.toml"))
    assert {"demo.toml", "drops.toml"} <= {path.name for path in paths}
    async with serving() as mock:
        for path in paths:
            scenario = load_scenario(path, mock.server.control.names)
            assert scenario.title != path.stem and len(scenario.steps) > 1
