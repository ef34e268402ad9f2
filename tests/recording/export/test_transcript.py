"""The transcript as it finally stood."""

from __future__ import annotations

from pathlib import Path

from rtms_desktop.recording.export.transcript import TranscriptRow, read_transcript, settle


def row(
    text: str, start: int, end: int = 0, user: int = 1, attribute: int | None = None, name: str = ""
) -> TranscriptRow:
    return TranscriptRow(
        start_ms=start, end_ms=end or start, user_id=user, text=text, attribute=attribute, user_name=name
    )


def texts(*rows: TranscriptRow) -> list[str]:
    return [segment.text for segment in settle(rows)]


def test_an_update_replaces_the_text_of_its_speaker_and_start() -> None:
    (first, second) = settle(
        [row("helo", 10, 500, name="Ann"), row("other", 10, 500, user=2), row("hello", 10, attribute=2)]
    )
    assert (first.text, first.end_ms, first.user_name) == ("hello", 500, "Ann")
    assert second.text == "other"


def test_a_deletion_takes_away_and_a_new_line_may_follow() -> None:
    assert texts(row("a", 10), row("", 10, attribute=3)) == []
    assert texts(row("a", 10), row("", 10, attribute=3), row("b", 10, attribute=1)) == ["b"]
    assert texts(row("a", 10), row("", 11, attribute=3), row("", 10, user=2, attribute=3)) == ["a"]


def test_new_lines_of_one_moment_are_both_kept() -> None:
    """Without start times two lines may carry one stamp."""
    assert texts(row("a", 10, attribute=1), row("b", 10, attribute=1), row("B", 10, attribute=2)) == ["a", "B"]
    assert texts(row("a", 10), row("b", 10), row("", 10, attribute=3)) == ["a"]


def test_an_update_of_what_never_came_is_told() -> None:
    assert texts(row("late", 10, attribute=2)) == ["late"]


def test_order_is_by_start() -> None:
    assert texts(row("b", 20), row("a", 10), row("  ", 15)) == ["a", "b"]


def test_a_cut_line_and_nonsense_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "transcript.jsonl"
    good = '{"start_ms":1,"end_ms":2,"timestamp":3,"user_id":4,"user_name":"A","attribute":null,"text":"x"}'
    path.write_text(f'{good}\n[]\n{{"start_ms":"x"}}\n\n{good}\n{good[:40]}', "utf-8")
    assert [segment.text for segment in read_transcript(path)] == ["x", "x"]
    assert read_transcript(tmp_path / "none.jsonl") == []
