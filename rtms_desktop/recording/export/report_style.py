"""The style sheet of the session report: readable on screen, dark or light, and on paper."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d5dae1; --ground: #ffffff;
  --sound: #c3d3ea; --speech: #2f6fc4; --pictures: #4c9a6a;
  --silence: #c9ced6; --mute: #9aa3b0; --pause: #d7a53a; --socket_down: #d0473f; --dropped_here: #a04bc0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e8ef; --soft: #9aa5b4; --line: #353d49; --ground: #151a21;
  --sound: #2c4568; --speech: #6aa5f2; --pictures: #5fb383; --silence: #454d59; --mute: #66707e; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; }
dt, th, .none, .keys, .note { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 500; }
th, td { padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { overflow-wrap: anywhere; }
td:first-child { font-variant-numeric: tabular-nums; }
.transcript td:first-child, .chat td:first-child, .gaps td:first-child, .marks td:first-child,
.events td:first-child { white-space: nowrap; }
svg { width: 100%; height: auto; }
text { fill: var(--ink); font: 13px system-ui, sans-serif; }
text.time { fill: var(--soft); font-size: 11px; }
line.tick, line.base { stroke: var(--line); }
path.mark { stroke: var(--ink); fill: var(--ink); fill-opacity: .6; }
rect.sound { fill: var(--sound); } rect.speech { fill: var(--speech); } rect.pictures { fill: var(--pictures); }
rect.loss { opacity: .18; }
rect.silence { fill: var(--silence); } rect.mute { fill: var(--mute); } rect.pause { fill: var(--pause); }
rect.socket_down { fill: var(--socket_down); } rect.dropped_here { fill: var(--dropped_here); }
.key { display: inline-block; width: .8rem; height: .8rem; margin: 0 .3rem 0 1rem; vertical-align: -1px; }
.key.sound { background: var(--sound); } .key.speech { background: var(--speech); }
.key.pictures { background: var(--pictures); } .key.mark { background: var(--ink); width: .15rem; }
.key.silence { background: var(--silence); }
.key.mute { background: var(--mute); } .key.pause { background: var(--pause); }
.key.socket_down { background: var(--socket_down); } .key.dropped_here { background: var(--dropped_here); }
@media print { main { max-width: none; padding: 0; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""
