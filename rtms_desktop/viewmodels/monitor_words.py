"""The monitor in words, as a table and as CSV: the same figures for those who do not look at lanes. Pure functions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rtms_desktop.session.events import ALL
from rtms_desktop.viewmodels.figures import DASH, bit_rate, grouped, span
from rtms_desktop.viewmodels.graphs import GRAPHS
from rtms_desktop.viewmodels.history import STEP_S, step_of
from rtms_desktop.viewmodels.monitor_sampler import HEAVY

if TYPE_CHECKING:
    from rtms_desktop.viewmodels.monitor_vm import Lane, MonitorViewModel


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
        f"{graph.title}: {model.graph_value(graph)} {graph.unit}" for graph in GRAPHS
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


def csv(model: MonitorViewModel) -> str:
    """The window shown, one row a second: time, amounts of every lane, the measured series."""
    last, count = step_of(model.now), int(model.window_s)
    lanes = [lane.name for lane in model.lanes]
    columns = [model.history.window(name, last - count * 10, count * 10).reshape(count, 10).sum(1) for name in lanes]
    measured = [name for graph in GRAPHS for name in graph.names if not name.startswith("bytes")]
    for name in measured:
        columns.append(model.history.window(name, last - count * 10, count * 10)[9::10])
    rows = [",".join(["session_s", *lanes, *measured])]
    for number in range(count):
        at = (last - (count - number) * 10) * STEP_S
        if at >= model.opened_at:
            cells = ("" if math.isnan(column[number]) else f"{column[number]:g}" for column in columns)
            rows.append(",".join([f"{model.session_time(at):.0f}", *cells]))
    return "\n".join(rows) + "\n"
