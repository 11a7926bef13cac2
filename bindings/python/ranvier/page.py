"""A self-contained HTML page of headings, figures and tables."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

_style = """
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5b6575; --line: #d9dee6;
        --paper: #ffffff; --card: #f6f8fa; --accent: #0072b2; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --soft: #9aa5b4; --line: #363d49; --paper: #14181e; --card: #1c2129;
          --accent: #56b4e9; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
       font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", Helvetica, Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 28px; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 19px; margin: 44px 0 4px; }
p { margin: 4px 0 12px; color: var(--soft); max-width: 74ch; }
.cards { display: grid; gap: 12px; margin: 24px 0 8px;
         grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
        padding: 12px 14px; }
.card b { display: block; font-size: 24px; font-weight: 600; font-variant-numeric: tabular-nums; }
.card span { color: var(--soft); font-size: 13px; }
figure { margin: 8px 0 0; }
figure svg { width: 100%; height: auto; display: block; }
.pair { display: grid; gap: 20px; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr)); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 10px 0; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 22px 5px 0; border-bottom: 1px solid var(--line); text-align: right; }
th { color: var(--soft); font-weight: 500; }
th.text, td.text { text-align: left; }
details { margin: 12px 0; }
summary { cursor: pointer; color: var(--accent); }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px;
      overflow-x: auto; font-size: 13px; line-height: 1.45; }
@media print { main { padding: 0; } h2 { break-after: avoid; } figure { break-inside: avoid; } }
"""

#: Stands for the text colour in a drawing; becomes currentColor, which follows light and dark.
_ink = "#010203"

_drawing = {
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "axes.titlesize": 11,
    "text.color": _ink,
    "axes.labelcolor": _ink,
    "axes.edgecolor": _ink,
    "xtick.color": _ink,
    "ytick.color": _ink,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.fontsize": 9,
    "axes.linewidth": 0.8,
    "figure.dpi": 150,
}


def draw(
    plot: Callable[..., Any], *, size: tuple[float, float], panels: dict[str, Any] | None = None
) -> str:
    """SVG of what `plot(axes)` draws.

    `panels` are the arguments of plt.subplots or, with a `mosaic`, of plt.subplot_mosaic.
    """
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_drawing):
        figure = Figure(figsize=size, layout="constrained")
        options = panels or {}
        make = figure.subplot_mosaic if "mosaic" in options else figure.subplots
        plot(make(**options))
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    return svg[svg.index("<svg") :].replace(_ink, "currentColor")


class Page:
    def __init__(self, title: str, subtitle: str) -> None:
        self.title = title
        self._parts = [f"<h1>{escape(title)}</h1>", f"<p>{escape(subtitle)}</p>"]

    def cards(self, figures: Iterable[tuple[str, str]]) -> None:
        """Headline figures: (value, what it is)."""
        cards = "".join(
            f'<div class="card"><b>{escape(value)}</b><span>{escape(name)}</span></div>'
            for value, name in figures
        )
        if cards:
            self._parts.append(f'<div class="cards">{cards}</div>')

    def section(self, heading: str, text: str = "") -> None:
        self._parts.append(f"<h2>{escape(heading)}</h2>")
        if text:
            self._parts.append(f"<p>{escape(text)}</p>")

    def figures(self, *drawings: str) -> None:
        """SVGs, side by side where there is room."""
        figures = "".join(f"<figure>{svg}</figure>" for svg in drawings)
        self._parts.append(f'<div class="pair">{figures}</div>' if len(drawings) > 1 else figures)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> None:
        """The first `texts` columns are words, the others numbers."""

        def cells(tag: str, values: Sequence[str]) -> str:
            kinds = (' class="text"' if column < texts else "" for column in range(len(values)))
            return "".join(f"<{tag}{k}>{escape(v)}</{tag}>" for k, v in zip(kinds, values))

        titles = cells("th", head)
        body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
        self._parts.append(
            f'<div class="scroll"><table><thead><tr>{titles}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>"
        )

    def folded(self, heading: str, text: str) -> None:
        self._parts.append(
            f"<details><summary>{escape(heading)}</summary><pre>{escape(text)}</pre></details>"
        )

    def html(self) -> str:
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(self.title)}</title>\n<style>{_style}</style>\n</head>\n"
            "<body><main>\n" + "\n".join(self._parts) + "\n</main></body>\n</html>\n"
        )
