"""Plots of spikes, traces, learning, decisions and calibration.

Every function draws on `ax`, or on new axes, and returns them; the backend is the caller's choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

#: Colour-blind safe (Okabe & Ito 2008), readable on white and on black.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


def _axes(ax: Any) -> Any:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def _finish(ax: Any, x: str, y: str, title: str | None = None, legend: bool = False) -> Any:
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    if title:
        ax.set_title(title)
    if legend:
        ax.legend(frameon=False)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    return ax


def _pair(spikes: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    times, ids = spikes
    return np.asarray(times), np.asarray(ids)


def raster(
    spikes: Mapping[str, Any] | Sequence[npt.ArrayLike],
    ax: Any = None,
    *,
    window: tuple[float, float] | None = None,
    most: int = 50_000,
    sizes: Mapping[str, int] | None = None,
) -> Any:
    """A dot per spike, populations one above the other.

    `spikes` is a pair (times in ms, neurons), or such pairs by population. Of more than `most`
    spikes an evenly spaced part is drawn.
    """
    ax = _axes(ax)
    groups = spikes if isinstance(spikes, Mapping) else {"": spikes}
    base, ticks = 0, []
    total = sum(len(_pair(pair)[0]) for pair in groups.values())
    stride = max(1, -(-total // most))
    for index, (name, pair) in enumerate(groups.items()):
        times, ids = _pair(pair)
        height = (sizes or {}).get(name) or (int(ids.max()) + 1 if len(ids) else 1)
        size = float(np.clip(6000 / max(1, total), 1.5, 12.0))
        ax.scatter(
            times[::stride],
            ids[::stride] + base,
            s=size,
            color=COLOURS[index % len(COLOURS)],
            linewidths=0,
            rasterized=total > 2000,
        )
        ticks.append((base + (height - 1) / 2, name))
        base += height
        if index + 1 < len(groups):
            ax.axhline(base - 0.5, color="0.6", linewidth=0.5)
    ax.set_ylim(-0.5, base - 0.5)
    if window:
        ax.set_xlim(*window)
    if isinstance(spikes, Mapping):
        ax.set_yticks([tick for tick, _ in ticks], [name for _, name in ticks])
        return _finish(ax, "time (ms)", "population")
    return _finish(ax, "time (ms)", "neuron")


def population_rate(
    times: npt.ArrayLike,
    neurons: int,
    ax: Any = None,
    *,
    window: tuple[float, float] | None = None,
    width: float = 5.0,
    label: str | None = None,
    colour: str | None = None,
) -> Any:
    """Mean rate of a population in bins of `width` ms."""
    ax = _axes(ax)
    times = np.asarray(times)
    start, stop = window or (0.0, float(times.max()) if len(times) else width)
    bins = max(1, round((stop - start) / width))
    counts, edges = np.histogram(times, bins=bins, range=(start, stop))
    rates = counts / (neurons * (edges[1] - edges[0]) / 1000.0)
    ax.stairs(rates, edges, label=label, color=colour, linewidth=1.2)
    return _finish(ax, "time (ms)", "rate per neuron (Hz)", legend=label is not None)


def trace(
    times: npt.ArrayLike,
    values: npt.ArrayLike,
    ax: Any = None,
    *,
    name: str = "V_m",
    unit: str = "mV",
    labels: Sequence[str] | None = None,
) -> Any:
    """A state variable over time, a line per neuron of `values` [T] or [T][neuron]."""
    ax = _axes(ax)
    columns = np.asarray(values)
    columns = columns.reshape(len(columns), -1)
    for index in range(columns.shape[1]):
        label = labels[index] if labels else None
        colour = COLOURS[index % len(COLOURS)]
        ax.plot(times, columns[:, index], linewidth=1.0, color=colour, label=label)
    return _finish(ax, "time (ms)", f"{name} ({unit})" if unit else name, legend=bool(labels))


def learning_curve(
    epochs: npt.ArrayLike,
    train: npt.ArrayLike,
    validation: npt.ArrayLike | None = None,
    ax: Any = None,
    *,
    quantity: str = "accuracy",
) -> Any:
    """A figure of merit over epochs; accuracies are shares and are shown in %."""
    ax = _axes(ax)
    scale = 100.0 if quantity == "accuracy" else 1.0
    curves = [("training", train, COLOURS[0]), ("validation", validation, COLOURS[1])]
    drawn = 0
    for label, values, colour in curves:
        if values is None or not np.isfinite(np.asarray(values, float)).any():
            continue
        scaled = scale * np.asarray(values, float)
        ax.plot(epochs, scaled, ".-", color=colour, label=label, linewidth=1.3, markersize=5)
        drawn += 1
    ax.xaxis.get_major_locator().set_params(integer=True)
    return _finish(ax, "epoch", f"{quantity} (%)" if scale > 1 else quantity, legend=drawn > 1)


def accuracy_latency(
    ax: Any = None,
    *,
    fixed: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    agent: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    chosen: tuple[float, float] | None = None,
    oracle: tuple[float, float] | None = None,
    full: tuple[float, float] | None = None,
) -> Any:
    """Accuracy against mean latency in steps, each argument a pair (latency, accuracy)."""
    ax = _axes(ax)
    if fixed is not None:
        style = {"where": "post", "color": "0.55", "linewidth": 1.3}
        ax.step(fixed[0], 100.0 * np.asarray(fixed[1]), label="fixed number of steps", **style)
    if agent is not None:
        accuracy = 100.0 * np.asarray(agent[1])
        ax.plot(agent[0], accuracy, color=COLOURS[0], linewidth=1.6, label="agent, any threshold")
    markers = [
        ("agent, chosen on held-out data", chosen, "o", COLOURS[1]),
        ("oracle", oracle, "*", COLOURS[2]),
        ("full window", full, "s", "0.5"),
    ]
    for label, point, marker, colour in markers:
        if point is None or not np.isfinite(np.asarray(point, float)).all():
            continue
        size = 11 if marker == "*" else 6.5
        ax.plot(
            point[0],
            100.0 * point[1],
            marker,
            color=colour,
            markersize=size,
            markeredgecolor="white",
            markeredgewidth=0.7,
            label=label,
            zorder=5,
        )
    ax.set_xlim(left=0)
    return _finish(ax, "mean latency (steps)", "accuracy (%)", legend=True)


def exit_rules(
    rules: Sequence[tuple[str, float, float]],
    ax: Any = None,
    *,
    curves: Mapping[int, tuple[npt.ArrayLike, npt.ArrayLike]] | None = None,
    fixed: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    oracle: tuple[float, float] | None = None,
) -> Any:
    """Accuracy against mean latency of several rules, each (name, latency, accuracy).

    `curves` holds (latency, accuracy) over all thresholds by the place of the rule in the list.
    """
    ax = _axes(ax)
    if fixed is not None:
        style = {"where": "post", "color": "0.55", "linewidth": 1.3}
        ax.step(fixed[0], 100.0 * np.asarray(fixed[1]), label="fixed number of steps", **style)
    markers = "osD^vPX<>"
    for index, (name, latency, accuracy) in enumerate(rules):
        colour = COLOURS[index % len(COLOURS)]
        if curves and index in curves:
            times, shares = curves[index]
            ax.plot(times, 100.0 * np.asarray(shares), color=colour, linewidth=1.0, alpha=0.7)
        ax.plot(
            latency,
            100.0 * accuracy,
            markers[index // len(COLOURS) % len(markers)],
            color=colour,
            markersize=6.5,
            markeredgecolor="white",
            markeredgewidth=0.7,
            label=name,
            zorder=5,
        )
    if oracle is not None and np.isfinite(np.asarray(oracle, float)).all():
        ax.plot(oracle[0], 100.0 * oracle[1], "*", color="0.2", markersize=11, label="oracle")
    ax.set_xlim(left=0)
    ax = _finish(ax, "mean latency (steps)", "accuracy (%)")
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def risk_coverage(
    coverage: npt.ArrayLike, risk: npt.ArrayLike, ax: Any = None, *, auroc: float | None = None
) -> Any:
    """Share of wrong answers among the most confident samples, of every share of them."""
    ax = _axes(ax)
    ax.plot(100.0 * np.asarray(coverage), 100.0 * np.asarray(risk), color=COLOURS[0])
    if auroc is not None and np.isfinite(auroc):
        ax.text(0.04, 0.93, f"AUROC {auroc:.3f}", transform=ax.transAxes, fontweight="bold")
    ax.set_xlim(0, 100)
    ax.set_ylim(bottom=0)
    return _finish(ax, "answered, most confident first (%)", "wrong among them (%)")


def calibration_over_time(curves: Mapping[str, npt.ArrayLike], ax: Any = None) -> Any:
    """Calibration error after each step, a line per way to scale the scores."""
    ax = _axes(ax)
    for index, (name, values) in enumerate(curves.items()):
        steps = np.arange(1, len(np.asarray(values)) + 1)
        colour = COLOURS[index % len(COLOURS)]
        ax.plot(steps, 100.0 * np.asarray(values), ".-", color=colour, label=name, linewidth=1.3)
    ax.set_ylim(bottom=0)
    ax.xaxis.get_major_locator().set_params(integer=True)
    return _finish(ax, "step", "ECE (%)", legend=True)


def _wilson(share: npt.NDArray[Any], count: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Distances down and up to the 95 % interval of a share among `count` samples [2][bins]."""
    z2 = 1.96**2 / count
    middle = (share + z2 / 2) / (1 + z2)
    half = np.sqrt(z2 * (share * (1 - share) + z2 / 4)) / (1 + z2)
    return np.maximum(0.0, [share - (middle - half), middle + half - share])


def reliability(
    confidence: npt.ArrayLike,
    accuracy: npt.ArrayLike,
    count: npt.ArrayLike,
    ax: Any = None,
    *,
    edges: npt.ArrayLike | None = None,
    ece: float | None = None,
    title: str | None = None,
    colour: str = COLOURS[0],
) -> Any:
    """Reliability diagram: accuracy by confidence with its 95 % interval, and the share of samples.

    The intervals are Wilson's (1927, J. Am. Stat. Assoc. 22:209-212): bins of few samples say
    little.
    """
    ax = _axes(ax)
    confidence, accuracy, count = (np.asarray(a, float) for a in (confidence, accuracy, count))
    if edges is None:
        edges = np.linspace(0.0, 1.0, len(count) + 1)
    edges = np.asarray(edges, float)
    filled = count > 0
    width = np.diff(edges)
    ax.bar(
        edges[:-1][filled],
        accuracy[filled],
        width[filled],
        align="edge",
        color=colour,
        alpha=0.35,
        edgecolor=colour,
        linewidth=0.8,
    )
    share = count / max(1.0, count.sum())
    ax.bar(edges[:-1], -0.16 * share / max(share.max(), 1e-12), width, align="edge", color="0.65")
    ax.plot([0, 1], [0, 1], "--", color="0.5", linewidth=1.0)
    ax.errorbar(
        confidence[filled],
        accuracy[filled],
        _wilson(accuracy[filled], count[filled]),
        fmt=".",
        color=colour,
        markersize=6,
        elinewidth=1.0,
    )
    ax.axhline(0.0, color="0.5", linewidth=0.8)
    if ece is not None:
        ax.text(0.04, 0.93, f"ECE {100 * ece:.2f} %", transform=ax.transAxes, fontweight="bold")
    ax.set(xlim=(0, 1), ylim=(-0.18, 1.02), aspect="equal")
    ax.set_yticks(np.linspace(0, 1, 6))
    return _finish(ax, "confidence", "accuracy", title)


def image(values: npt.ArrayLike, ax: Any = None, *, title: str | None = None) -> Any:
    """An image [h][w], dark where the input is strong.

    Three channels [3][h][w] are red, green and blue; two are the polarities of an event camera,
    whose difference is drawn; a single row [w] is drawn as one.
    """
    ax = _axes(ax)
    picture = np.atleast_2d(np.asarray(values))
    if picture.ndim == 3 and len(picture) == 3:
        low, high = picture.min(), picture.max()
        colours = np.moveaxis((picture - low) / max(high - low, 1e-12), 0, -1)
        ax.imshow(colours, interpolation="nearest")
    elif picture.ndim == 3 and len(picture) == 2:
        difference = picture[1] - picture[0]
        limit = max(abs(difference).max(), 1e-12)
        ax.imshow(difference, cmap="RdBu", vmin=-limit, vmax=limit, interpolation="nearest")
    else:
        plane = picture.sum(axis=0) if picture.ndim == 3 else picture
        aspect = "auto" if len(plane) == 1 else None
        ax.imshow(plane, cmap="gray_r", interpolation="nearest", aspect=aspect)
    ax.set_xticks([])
    ax.set_yticks([])
    if title:
        ax.set_title(title)
    return ax


def cochleagram(heard: Any, ax: Any = None, *, title: str | None = None) -> Any:
    """Activity of the hair cells over time, with the spikes behind them as dots.

    `heard` comes from ranvier.cochleagram; channels are spaced as in the ear, labelled in Hz.
    """
    ax = _axes(ax)
    activity = np.asarray(heard.activity)
    channels, samples = activity.shape
    end = 1000.0 * samples / heard.rate
    ax.imshow(
        activity,
        cmap="gray_r",
        origin="lower",
        aspect="auto",
        extent=(0.0, end, -0.5, channels - 0.5),
        interpolation="nearest",
    )
    times, ids = _pair(heard.spikes)
    ax.plot(times, ids, ".", color=COLOURS[1], markersize=2)
    ticks = np.unique(np.linspace(0, channels - 1, min(channels, 6)).round().astype(int))
    ax.set_yticks(ticks, [f"{heard.frequencies[k]:.0f}" for k in ticks])
    return _finish(ax, "time (ms)", "channel (Hz)", title)


def scores(
    values: npt.ArrayLike,
    ax: Any = None,
    *,
    label: int | None = None,
    decision: float | None = None,
    step: float = 1.0,
) -> Any:
    """Class scores [steps][classes] over time; the label's in colour, the decision as a line."""
    ax = _axes(ax)
    columns = np.asarray(values)
    times = step * np.arange(1, len(columns) + 1)
    best = int(columns[-1].argmax()) if len(columns) else -1
    for k in range(columns.shape[1]):
        strong = k in (label, best)
        colour = COLOURS[2] if k == label else COLOURS[1] if strong else "0.6"
        text = f"class {k}" + (" (label)" if k == label else "") if strong else None
        ax.plot(times, columns[:, k], color=colour, linewidth=1.8 if strong else 0.7, label=text)
    if decision is not None and np.isfinite(decision):
        ax.axvline(step * decision, color="0.5", linestyle=":", linewidth=1.2, label="decision")
    return _finish(ax, "time (ms)", "score", legend=True)


def decision_times(latency: npt.ArrayLike, correct: npt.ArrayLike, ax: Any = None) -> Any:
    """How many samples were answered when, right and wrong ones stacked."""
    ax = _axes(ax)
    latency, correct = np.asarray(latency, float), np.asarray(correct).astype(bool)
    top = max(1.0, float(latency.max())) if len(latency) else 1.0
    bins = np.arange(0.5, np.ceil(top) + 1.5) if top <= 60 else np.linspace(0.0, top, 61)
    groups, colours = [latency[correct], latency[~correct]], [COLOURS[0], COLOURS[1]]
    ax.hist(groups, bins, stacked=True, color=colours, label=["right", "wrong"], rwidth=0.9)
    ax.xaxis.get_major_locator().set_params(integer=True)
    return _finish(ax, "decision after (steps)", "samples", legend=True)
