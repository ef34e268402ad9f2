"""The monitor in words, as a table and as CSV: the same figures for those who do not look at lanes. Pure functions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rtms_desktop.session.events import ALL
from rtms_desktop.viewmodels.figures import DASH, bit_rate, grouped, short_clock, span
from rtms_desktop.viewmodels.graph_kinds import HEAVY
from rtms_desktop.viewmodels.graphs import Graph
from rtms_desktop.viewmodels.history import STEP_S, step_of

if TYPE_CHECKING:
    from rtms_desktop.viewmodels.lane_figures import Lane
    from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel


def lane_sentence(model: MonitorViewModel, lane: Lane) -> str:
    """``Video: streaming, 842 kbit/s, one gap of 4.1 s``"""
    figures = model.figures(lane)
    parts = [figures.word] + ([figures.rate] if figures.rate != DASH else [])
    count = model.gaps.count_lost(lane.name)
    if count:
        long = span(model.gaps.seconds_lost(model.now, lane.name))
        parts.append(f"one gap of {long}" if count == 1 else f"{count} gaps, together {long}")
    return f"{lane.title}: " + ", ".join(parts)


def summary(model: MonitorViewModel) -> str:
    """The whole monitor in a few sentences, for screen readers."""
    if not model.active:
        return "Nothing is connected"
    lanes = ". ".join(lane_sentence(model, lane) for lane in model.lanes)
    return f"{lanes}. Gaps: {model.gap_sum()}. " + ". ".join(
        f"{graph.title}: {model.graph_value(graph)} {graph.unit}" for graph in model.graphs
    )


def at_words(model: MonitorViewModel, lane: Lane | None, at: float) -> list[str]:
    """What is known of one moment, for the plate under the pointer."""
    if lane is None:
        return [gap.label(model.now) for gap in model.gaps.within(at - STEP_S, at + STEP_S)][:4]
    state = lane.states.spans(at, at + STEP_S)[-1]
    words = [f"{lane.title}: {state.state.value}"]
    if state.text:
        words.append(state.text)
    amount = float(model.history.window(lane.name, step_of(at) - 9, 10).sum())
    words.append(bit_rate(amount * 8) if lane.name in HEAVY or lane.name == ALL else f"{amount:.0f} in this second")
    return words


def under(model: MonitorViewModel, graph: Graph, at: float) -> list[str]:
    """The values of a graph's curves at one moment, for the plate under the pointer."""
    found = (
        (name, graph.at(model.history, series, step_of(at)))
        for name, series in zip(graph.media, graph.names, strict=True)
    )
    return [f"{name} {graph.text(value)} {graph.unit}" for name, value in found if value is not None] or [
        "not measured"
    ]


def table(model: MonitorViewModel) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of "Show as table"."""
    heads = ["Socket", "State", "Rate", "Keep-alive", "Messages in", "Bytes in", "Missed", "Attempt", "Gaps lost"]
    rows = []
    for lane in model.lanes:
        figures, view = model.figures(lane), model.link_view(lane)
        stats = view.stats if view is not None else None
        counts = [stats.messages_in, stats.bytes_in, stats.missed] if stats is not None else [0, 0, 0]
        lost = f"{model.gaps.count_lost(lane.name)}, {span(model.gaps.seconds_lost(model.now, lane.name))}"
        rows.append(
            [lane.title, figures.word, figures.rate, figures.alive, *map(grouped, counts)]
            + [str(view.attempt if view is not None else 0), lost]
        )
    return heads, rows


def graph_table(model: MonitorViewModel, graph: Graph) -> tuple[list[str], list[list[str]]]:
    """One graph of the window shown as heads and rows, the newest first."""
    heads = ["Time", *(f"{name.capitalize()}, {graph.unit}" for name in graph.media)]
    ats, columns = model.graph_columns(graph)
    rows = [
        [short_clock(model.session_time(at)), *(graph.text(float(column[place])) for column in columns)]
        for place, at in enumerate(ats)
        if model.first <= at <= model.now + graph.bin_s
    ]
    return heads, rows[::-1]


def graph_csv(model: MonitorViewModel, graph: Graph) -> str:
    """One graph of the window shown: session time at the end of each bin and the values; a hole is empty."""
    ats, columns = model.graph_columns(graph)
    return _csv(model, [f"{name} {graph.unit}" for name in graph.media], ats, [column.tolist() for column in columns])


def csv(model: MonitorViewModel) -> str:
    """The window shown, one row a second: time, amounts of every lane, the series of the graphs that are shown."""
    last, count = step_of(model.edge) // 10 * 10, max(1, int(model.window_s))
    ats = [(last - (count - 1 - number) * 10) * STEP_S for number in range(count)]
    heads, columns = [], []
    for lane in model.lanes:
        amounts = model.history.window(lane.name, last - count * 10, count * 10).reshape(count, 10).sum(1)
        heads.append(f"{lane.name} {'bytes' if lane.name in (*HEAVY, ALL) else 'messages'}")
        columns.append(amounts.tolist())
    for graph in model.graphs:
        heads += [f"{graph.short.lower()} {name} {graph.unit}" for name in graph.media]
        columns += [column.tolist() for column in model.graph_columns(graph, bin_s=1.0)[1]]
    return _csv(model, heads, ats, columns)


def _csv(model: MonitorViewModel, heads: list[str], ats: list[float], columns: list[list[float]]) -> str:
    rows = [",".join(["session_s", *heads])]
    for place, at in enumerate(ats):
        if model.first <= at <= model.now + 1.0:
            cells = ("" if math.isnan(column[place]) else f"{column[place]:g}" for column in columns)
            rows.append(",".join([f"{model.session_time(at):.1f}", *cells]))
    return "\n".join(rows) + "\n"
