"""Sections of the report on answering early and on calibration."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import plotting
from .figures import figure_of, number
from .page import Page, draw
from .results_file import columns, texts


def _add_comparison(page: Page, metrics: dict[str, Any], step_ms: float) -> None:
    """One row per way to answer."""
    rows = []
    ways = [
        ("before conversion", "ann", None),
        ("full window", "full", "_full"),
        ("agent", "agent", ""),
        ("oracle", "oracle", None),
    ]
    for name, key, suffix in ways:
        if f"accuracy_{key}" not in metrics:
            continue
        latency = metrics.get(f"latency_{key}")
        row = [name, figure_of("accuracy_full", metrics[f"accuracy_{key}"]), number(latency, 3)]
        row.append(number(latency * step_ms, 3) if latency is not None else "–")
        for metric in ("synaptic_events_per_inference", "inference_per_second"):
            row.append(number(metrics.get(metric + suffix)) if suffix is not None else "–")
        rows.append(row)
    head = ["", "accuracy", "steps", "latency (ms)", "synaptic events", "inferences/s"]
    page.table(head, rows)


def _point(attributes: Any, name: str) -> tuple[float, float] | None:
    keys = (f"{name}_latency", f"{name}_accuracy")
    return tuple(float(attributes[k]) for k in keys) if all(k in attributes for k in keys) else None


def add_inference(page: Page, group: Any, metrics: dict[str, Any]) -> None:
    attributes = group.attrs
    step_ms = float(attributes.get("step_ms", 1.0))
    page.section(
        "Answering early",
        "The agent stops a run as soon as it is sure enough, which was learnt on held-out data."
        " The curve shows every threshold on the test set, for a rule that has a single one; "
        "the oracle stops at the first right answer and never-right samples run on to the end.",
    )
    _add_comparison(page, metrics, step_ms)

    def curves(ax: Any) -> None:
        plotting.accuracy_latency(
            ax,
            fixed=columns(group["fixed"], "latency", "accuracy") if "fixed" in group else None,
            agent=columns(group["agent"], "latency", "accuracy") if "agent" in group else None,
            chosen=_point(attributes, "chosen"),
            oracle=_point(attributes, "oracle"),
            full=_point(attributes, "full"),
        )

    drawings = [draw(curves, size=(5.4, 3.9))]
    if "decision" in group:
        latency, correct = columns(group["decision"], "latency", "correct")
        drawings.append(
            draw(lambda ax: plotting.decision_times(latency, correct, ax), size=(5.4, 3.9))
        )
    page.figures(*drawings)


def add_rules(page: Page, group: Any, inference: Any) -> None:
    """The table and the picture of rules that were judged on the same record."""
    names = texts(group["rule"])
    shown = [
        ("accuracy", "accuracy", "%"),
        ("latency", "steps", ""),
        ("saving", "saved of the window", "%"),
        ("saving_against_base", "saved of T_base", "%"),
        ("matched_gain", "gain at equal latency", "%"),
        ("ece_at_exit", "ECE at exit", "%"),
        ("forced_share", "forced", "%"),
    ]
    present = [column for column in shown if column[0] in group]
    rows = []
    for index, name in enumerate(names):
        values = [float(group[key][index]) for key, _, _ in present]
        units = [unit for _, _, unit in present]
        rows.append([name, *(_share(v) if u else number(v, 3) for v, u in zip(values, units))])
    page.section(
        "Exit rules compared",
        "All rules were fitted to the same held-out runs and judged on the same record of the "
        "test set. T_base is the shortest fixed window within 0.1 point of the whole one; gain "
        "at equal latency is in points of accuracy over a fixed window of the same mean length;"
        " ECE at exit is that of the probability of being right, given when and how surely a "
        "rule stopped. Lines show every threshold of the rules that have one.",
    )
    page.table(["", *(heading for _, heading, _ in present)], rows)
    curves = {
        int(k): tuple(columns(group["curve"][k], "latency", "accuracy"))
        for k in group.get("curve", {})
    }
    latency, accuracy = columns(group, "latency", "accuracy")
    fixed = inference.get("fixed")

    def picture(ax: Any) -> None:
        plotting.exit_rules(
            list(zip(names, latency.tolist(), accuracy.tolist())),
            ax,
            curves=curves,
            fixed=columns(fixed, "latency", "accuracy") if fixed is not None else None,
            oracle=_point(inference.attrs, "oracle"),
        )

    page.figures(draw(picture, size=(10, 4.6)))


def _share(value: float) -> str:
    return f"{100.0 * value:.2f} %" if math.isfinite(value) else "–"


def add_calibration(page: Page, group: Any) -> None:
    sides = [
        ("before", "temperature 1"),
        ("after", "fitted temperature"),
        ("at_exit", "at the exit"),
    ]
    present = [(name, title) for name, title in sides if name in group]

    def diagrams(axes: Any) -> None:
        for ax, (name, title), colour in zip(np.atleast_1d(axes), present, plotting.COLOURS):
            side = group[name]
            lower, upper, confidence, accuracy, count = columns(
                side, "lower", "upper", "confidence", "accuracy", "count"
            )
            plotting.reliability(
                confidence,
                accuracy,
                count,
                ax,
                edges=np.append(lower, upper[-1]),
                ece=float(side.attrs["ece"]) if "ece" in side.attrs else None,
                title=title,
                colour=colour,
            )

    page.section(
        "Calibration",
        "Accuracy of the answers at the end of the window against their confidence, and where "
        "there is one, of those at the exit against the probability that such an exit is right;"
        " on the dashed line confidence means what it says. The grey strip shows where the "
        "samples lie. ECE is the expected calibration error.",
    )
    page.figures(draw(diagrams, size=(10, 4.5), panels={"ncols": len(present)}))
    if "errors" in group:
        _add_errors(page, group["errors"])
    drawings = []
    if "risk_coverage" in group:
        ranking = group["risk_coverage"]
        coverage, risk = columns(ranking, "coverage", "risk")
        auroc = float(ranking.attrs["auroc"]) if "auroc" in ranking.attrs else None
        drawings.append(
            draw(
                lambda ax: plotting.risk_coverage(coverage, risk, ax, auroc=auroc), size=(5.4, 3.6)
            )
        )
    if "over_time" in group:
        names = {
            "ece_sum": "sum of the scores",
            "ece_mean": "their mean",
            "ece_horizon": "their sum / window",
            "ece_fitted": "a temperature per step",
        }
        curves = {name: np.asarray(group["over_time"][key]) for key, name in names.items()}
        drawings.append(
            draw(lambda ax: plotting.calibration_over_time(curves, ax), size=(5.4, 3.6))
        )
    if drawings:
        page.figures(*drawings)


def _add_errors(page: Page, group: Any) -> None:
    names = {
        "ece": "ECE, equal widths",
        "adaptive_ece": "ECE, equal counts",
        "classwise_ece": "ECE, mean over classes",
        "ace": "mean gap",
        "mce": "largest gap",
        "nll": "negative log-likelihood, nats",
        "brier": "Brier score",
    }
    rows = []
    for name, *values in zip(texts(group["measure"]), *columns(group, "value", "lower", "upper")):
        value, lower, upper = (number(float(v), 3) for v in values)
        rows.append([names.get(name, name), value, f"{lower} to {upper}"])
    if "ece_if_calibrated" in group.attrs:
        left = number(float(group.attrs["ece_if_calibrated"]), 3)
        rows.append(["ECE that chance alone leaves", left, ""])
    page.table(["at the end, fitted temperature", "", "95 % interval"], rows)
