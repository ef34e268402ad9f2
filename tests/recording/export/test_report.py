"""The session report: all of it in one file, nothing that came from the wire is markup, no gap is missing."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rtms_desktop.errors import UsageError
from rtms_desktop.recording.export.options import Format, Gaps
from rtms_desktop.recording.export.report_timeline import timeline_svg
from rtms_desktop.session.events import GapReason
from tests.recording import material as m
from tests.recording.export.studio import Studio, made, meeting


class Page(HTMLParser):
    """Tags that are opened and closed in order, their attributes, and the text of each table cell."""

    VOID = frozenset({"meta"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.cells: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "td":
            self.cells[-1] += data


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("report")
    (path,) = made(meeting(folder / "one.rtmsrec"), folder / "a.html", Format.HTML)
    return path.read_text("utf-8")


def test_it_is_well_formed_and_holds_everything(html: str) -> None:
    page = Page(html)
    assert page.open == []
    for cell in ("hello <world> --> & more", "right", "second, edited", "deck.pdf", "Bob <b>&", "socket down"):
        assert any(cell in text for text in page.cells), cell
    assert "6 MEETING_ENDED" in html and m.STREAM in html
    assert html.count("<svg") == 1 and 'class="gap socket_down"' in html and 'class="speech"' in html


def test_it_needs_nothing_else(html: str) -> None:
    page = Page(html)
    assert not {"script", "link", "img", "iframe", "object", "a", "base", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name in ("src", "href", "style") or name.startswith("on")]
    assert "url(" not in html and "@import" not in html
    assert "default-src 'none'" in html


def test_nothing_from_the_wire_is_markup(tmp_path: Path) -> None:
    evil = "</td></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'"
    studio = Studio(tmp_path / "one.rtmsrec")
    studio.sound(m.tone(320), 0, m.ANN, evil)
    studio.say(evil, 0, 100, name=evil)
    studio.chat(evil, 50, "A")
    studio.chat(evil, 60, "A", operation=4)
    (path,) = made(studio.close(), tmp_path / "a.html", Format.HTML)
    page = Page(path.read_text("utf-8"))
    assert page.open == []
    assert not {"script", "img"} & set(page.tags)
    assert evil in page.cells


def test_an_empty_recording_has_a_report_too(tmp_path: Path) -> None:
    (path,) = made(Studio(tmp_path / "one.rtmsrec").close(), tmp_path / "a.html", Format.HTML)
    text = path.read_text("utf-8")
    assert "No transcript was received." in text and Page(text).open == []


def test_options_that_say_nothing_for_a_report(tmp_path: Path) -> None:
    bundle = Studio(tmp_path / "one.rtmsrec").close()
    for options in ({"user_id": m.ANN}, {"gaps": Gaps.CLOSE}):
        with pytest.raises(UsageError, match="a report"):
            made(bundle, tmp_path / "a.html", Format.HTML, **options)


def test_a_long_session_is_drawn_with_few_shapes() -> None:
    hour = 3_600_000
    spans = [(start, start + 300) for start in range(0, hour, 500)]
    gaps = [(start + 300, start + 500, GapReason.SILENCE) for start in range(0, hour, 500)]
    svg = timeline_svg([("Ann", spans, spans, spans, gaps)], gaps[:1], [], hour)
    assert svg.count("<rect") < 100
    assert len(re.findall('class="tick"', svg)) <= 11
    assert max(float(x) for x in re.findall(r' x="([\d.]+)"', svg)) <= 1000
