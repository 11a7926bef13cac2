"""Draws report.html from a folder of results: `python -m ranvier.report DIR`.

What a results.h5 holds decides what the page shows, so that an experiment needs no code here to
have its learning curve, its decisions, its spikes or its recordings drawn. Needs numpy, h5py and
matplotlib; the compiled part of the package is not loaded.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from . import plotting
from .figures import figure_of, known, number, title_of
from .page import Page, draw
from .report_decisions import add_calibration, add_inference, add_rules
from .results_file import columns, text, texts


def _read_metrics(folder: Path, file: Any) -> dict[str, Any]:
    path = folder / "metrics.json"
    if path.is_file():
        return json.loads(path.read_text())
    if "metrics" not in file:
        return {}
    return {name: getattr(v, "item", lambda v=v: v)() for name, v in file["metrics"].attrs.items()}


def _add_headline(page: Page, metrics: dict[str, Any]) -> None:
    wanted = ["accuracy_ann", "accuracy_full", "accuracy_agent", "latency_agent", "speedup"]
    wanted.append("ece_after")
    if "accuracy_full" not in metrics:
        wanted = ["neurons", "synapses", "spikes", "biological_seconds", "real_time_factor"]
        if "biological_seconds" not in metrics:
            wanted = [name for name in metrics if name in known][:5]
    page.cards((figure_of(n, metrics[n]), title_of(n)) for n in wanted if n in metrics)


def _add_learning(page: Page, group: Any) -> None:
    epoch, loss = columns(group, "epoch", "loss")
    accuracies = {
        name: np.asarray(group[f"{name}_accuracy"]) if f"{name}_accuracy" in group else None
        for name in ("train", "validation")
    }
    drawings = []
    if accuracies["train"] is not None:
        train, validation = accuracies["train"], accuracies["validation"]
        drawings.append(
            draw(lambda ax: plotting.learning_curve(epoch, train, validation, ax), size=(5.4, 3.3))
        )
    drawings.append(
        draw(
            lambda ax: plotting.learning_curve(epoch, loss, None, ax, quantity="loss"),
            size=(5.4, 3.3),
        )
    )
    page.section("Learning", "Training figures are means over samples as they were met.")
    page.figures(*drawings)


def _add_example(page: Page, group: Any, inference: Any) -> None:
    label, prediction = (int(group.attrs[name]) for name in ("label", "prediction"))
    decision = float(group.attrs.get("decision_step", math.nan))
    step_ms = float(inference.attrs.get("step_ms", 1.0)) if inference is not None else 1.0
    scores = np.asarray(group["scores"])
    layer, neuron, time = columns(group["spikes"], "layer", "neuron", "time")
    window = (0.0, step_ms * (len(scores) + 0.5))
    named = texts(group["spikes/names"]) if "spikes/names" in group else []
    spikes = {
        named[k] if k < len(named) else f"layer {k + 1}": (time[layer == k], neuron[layer == k])
        for k in np.unique(layer).tolist()
    }

    def panels(axes: Any) -> None:
        plotting.image(group["image"], axes["image"], title=f"label {label}")
        if spikes:
            plotting.raster(spikes, axes["raster"], window=window)
        plotting.scores(scores, axes["scores"], label=label, decision=decision, step=step_ms)
        axes["scores"].set_xlim(*window)
        if math.isfinite(decision):
            axes["raster"].axvline(step_ms * decision, color="0.5", linestyle=":", linewidth=1.2)

    outcome = "right" if prediction == label else "wrong"
    when = f" after {decision:g} steps" if math.isfinite(decision) else ""
    page.section(
        "One sample", f"A test sample of class {label}, answered {prediction}{when}: {outcome}."
    )
    layout = {"mosaic": [["image", "raster"], ["image", "scores"]], "width_ratios": [1.0, 3.6]}
    page.figures(draw(panels, size=(10, 4.6), panels=layout))


#: Metrics of a population: name in metrics.json before its own name, and heading.
_statistics = (
    ("rate_hz_", "rate, Hz"),
    ("cv_isi_", "CV of intervals"),
    ("correlation_", "correlation of counts"),
)


def _add_statistics(page: Page, metrics: dict[str, Any]) -> None:
    names = [n.removeprefix("rate_hz_") for n in metrics if n.startswith("rate_hz_")]
    rows = [[name, *(number(metrics.get(key + name)) for key, _ in _statistics)] for name in names]
    if rows:
        page.section("Statistics", "Means over neurons, and over pairs of neurons.")
        page.table(["population", *(heading for _, heading in _statistics)], rows)


#: Of fewer neurons the spikes say more than their rate.
fewest_for_a_rate = 20


def _add_spikes(page: Page, groups: Any, metrics: dict[str, Any]) -> None:
    trains = {name: columns(groups[name], "timestamps", "node_ids") for name in groups}
    stop = 1000.0 * float(metrics.get("biological_seconds") or 0.0)
    stop = stop or max((float(t[-1]) for t, _ in trains.values() if len(t)), default=1.0)
    shown = (max(0.0, stop - 1000.0), stop)
    sizes = {name: int(ids.max()) + 1 if len(ids) else 1 for name, (_, ids) in trains.items()}
    clipped = {
        name: (times[times >= shown[0]], ids[times >= shown[0]])
        for name, (times, ids) in trains.items()
    }

    crowd = sum(sizes.values())

    def panels(axes: Any) -> None:
        plotting.raster(clipped, axes[0], window=shown, sizes=sizes)
        for index, (name, (times, _)) in enumerate(clipped.items()) if len(axes) > 1 else ():
            plotting.population_rate(
                times,
                sizes[name],
                axes[1],
                window=shown,
                width=(shown[1] - shown[0]) / 200.0,
                colour=plotting.COLOURS[index % len(plotting.COLOURS)],
            )
            axes[0].set_xlabel("")

    note = "" if shown[0] == 0.0 else "The last second is shown. "
    if crowd < fewest_for_a_rate:
        page.section("Spikes", note)
        options: dict[str, Any] = {"squeeze": False}
        height = 1.2 + 0.3 * crowd
    else:
        page.section("Spikes", note + "Below, the mean rate of each population in its colour.")
        options = {"nrows": 2, "sharex": True, "height_ratios": [2.2, 1], "squeeze": False}
        height = 6.0
    page.figures(draw(lambda axes: panels(axes[:, 0]), size=(10, height), panels=options))


def _recordings(group: Any) -> list[tuple[str, Any]]:
    """(path, group) of every SONATA report below `group`."""
    found = []
    for name, member in group.items():
        if not hasattr(member, "items"):
            continue
        if "data" in member and "mapping" in member:
            found.append((name, member))
        else:
            found += [(f"{name} {path}", report) for path, report in _recordings(member)]
    return found


def _add_recordings(page: Page, group: Any) -> None:
    reports = _recordings(group)[:8]
    if not reports:
        return

    def panels(axes: Any) -> None:
        for ax, (name, report) in zip(axes, reports):
            data = report["data"]
            values = np.asarray(data[:, :4]) if data.ndim == 2 else np.asarray(data)
            start, _, interval = np.asarray(report["mapping/time"], float)
            ids = np.asarray(report["mapping/node_ids"])[:4]
            unit = text(data.attrs.get("units", data.attrs.get("unit", "")))
            times = start + interval * np.arange(len(values))
            labels = [f"neuron {i}" for i in ids]
            plotting.trace(times, values, ax, name=name, unit=unit, labels=labels)
            ax.set_xlim(times[0], times[-1] if len(times) > 1 else None)
            place = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.1}
            ax.legend(frameon=False, ncols=len(labels), **place)
            if ax is not axes[-1]:
                ax.set_xlabel("")

    page.section("Recordings", "The first four neurons of each.")
    options = {"nrows": len(reports), "sharex": True, "squeeze": False}
    page.figures(
        draw(lambda axes: panels(axes[:, 0]), size=(10, 2.4 * len(reports)), panels=options)
    )


def make_page(file: Any, metrics: dict[str, Any]) -> Page:
    """The page of an open results.h5."""
    attributes = {key: text(value) for key, value in file.attrs.items()}
    configuration = attributes.get("configuration", "")
    kind = re.search(r"^experiment: *(\S+)", configuration, re.MULTILINE)
    about = [kind[1]] if kind else []
    for key, label in (("version", "ranvier"), ("seed", "seed"), ("threads", "threads")):
        if key in metrics:
            about.append(f"{label} {metrics[key]}")
    page = Page(str(metrics.get("name", "results")), " · ".join(about))
    _add_headline(page, metrics)
    inference = file.get("inference")
    if inference is not None:
        add_inference(page, inference, metrics)
        if "compare" in inference:
            add_rules(page, inference["compare"], inference)
    if "calibration" in file:
        add_calibration(page, file["calibration"])
    if "example" in file:
        _add_example(page, file["example"], inference)
    if "learning" in file and len(file["learning/epoch"]):
        _add_learning(page, file["learning"])
    if "spikes" in file and len(file["spikes"]):
        _add_spikes(page, file["spikes"], metrics)
    _add_statistics(page, metrics)
    if "recordings" in file:
        _add_recordings(page, file["recordings"])
    if metrics:
        page.section("All figures")
        rows = ((title_of(n), n, figure_of(n, value)) for n, value in metrics.items())
        page.table(["", "in metrics.json", "value"], rows, texts=2)
    if configuration:
        made = [attributes[key] for key in ("machine", "build") if key in attributes]
        page.section("Configuration", " · ".join(made))
        page.folded("resolved, defaults included", configuration)
    return page


def write_report(folder: str | os.PathLike[str]) -> Path:
    """Writes report.html into a folder of results, whole or not at all, and returns its path."""
    import h5py

    folder = Path(folder)
    results = folder / "results.h5"
    if not results.is_file():
        raise FileNotFoundError(f"{folder} holds no results.h5; expected the folder of a run")
    try:
        file = h5py.File(results, "r")
    except OSError as error:
        raise OSError(f"{results} cannot be read: {error}") from None
    with file:
        html = make_page(file, _read_metrics(folder, file)).html()
    handle, draft = tempfile.mkstemp(prefix=".report-", suffix=".html", dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(html)
        os.chmod(draft, 0o644)
        os.replace(draft, folder / "report.html")
    except BaseException:
        os.unlink(draft)
        raise
    return folder / "report.html"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="ranvier report", description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="+", help="folder of a run's results")
    try:
        for folder in parser.parse_args(arguments).folder:
            print(write_report(folder))
    except (OSError, ValueError, KeyError, ImportError) as error:
        print(f"report: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
