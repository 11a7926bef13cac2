"""Headline figures for people: what a metric is called, its unit, a readable number."""

from __future__ import annotations

import math
from typing import Any

#: What a metric is, and its unit; "%" is for shares. Others are shown under their own name.
known = {
    "accuracy_full": ("accuracy, full window", "%"),
    "accuracy_ann": ("accuracy before conversion to spikes", "%"),
    "conversion_loss": ("accuracy lost by conversion, full window", "%"),
    "accuracy_agent": ("accuracy, agent", "%"),
    "accuracy_oracle": ("accuracy, oracle", "%"),
    "accuracy_matched": ("accuracy, fixed window as long as the agent's mean latency", "%"),
    "calibration_accuracy_full": ("accuracy on held-out data, full window", "%"),
    "calibration_accuracy_agent": ("accuracy on held-out data, agent", "%"),
    "calibration_latency_agent": ("mean latency on held-out data, agent", "steps"),
    "latency_full": ("latency, full window", "steps"),
    "latency_agent": ("mean latency, agent", "steps"),
    "latency_oracle": ("mean latency, oracle", "steps"),
    "latency_oracle_safe": ("mean time from which the answer stays right", "steps"),
    "latency_base": ("smallest fixed window within 0.1 point of the full accuracy", "steps"),
    "speedup": ("speed-up by the agent", "x"),
    "ece_before": ("calibration error, temperature 1", "%"),
    "ece_after": ("calibration error, fitted temperature", "%"),
    "ece_at_exit": ("calibration error of the probability at the exit", "%"),
    "auroc": ("chance that a right answer is the more confident of two", "%"),
    "train_seconds": ("training", "s"),
    "wall_seconds": ("whole run", "s"),
    "build_seconds": ("building the network", "s"),
    "run_seconds": ("simulating", "s"),
    "biological_seconds": ("biological time", "s"),
    "real_time_factor": ("wall time over biological time", "x"),
    "bytes_per_synapse": ("memory per synapse", "bytes"),
    "inference_per_second": ("inferences per second, agent", "1/s"),
    "inference_per_second_full": ("inferences per second, full window", "1/s"),
    "neurons": ("neurons", ""),
    "synapses": ("synapses", ""),
    "spikes": ("spikes", ""),
    "synaptic_events": ("synaptic events", ""),
    "synaptic_events_per_inference": ("synaptic events per inference, agent", ""),
    "synaptic_events_per_inference_full": ("synaptic events per inference, full window", ""),
}


def number(value: Any, digits: int = 4) -> str:
    """A figure for people: four significant digits, thousands apart."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return f"{int(value):,}".replace(",", "\u202f")
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}".replace(",", "\u202f")
    return f"{value:.{digits}g}"


def figure_of(name: str, value: Any) -> str:
    unit = known.get(name, ("", ""))[1] or ("Hz" if name.startswith("rate_hz_") else "")
    if isinstance(value, (int, float)) and not isinstance(value, bool) and unit == "%":
        return f"{100.0 * value:.2f} %"
    if unit == "s" and isinstance(value, float) and 0.0 < abs(value) < 1.0:
        scale, smaller = (1e3, "ms") if abs(value) >= 1e-3 else (1e6, "µs")
        return f"{value * scale:.3g} {smaller}"
    if unit == "x" and isinstance(value, (int, float)):
        return number(float(value), 3) + "×"
    shown = number(value)
    return f"{shown} {unit}" if unit and shown != "–" else shown


def title_of(name: str) -> str:
    if name in known:
        return known[name][0]
    if name.startswith("rate_hz_"):
        return f"mean rate of {name.removeprefix('rate_hz_')}"
    if name.startswith("cv_isi_"):
        return f"variation of the intervals of {name.removeprefix('cv_isi_')}"
    if name.startswith("correlation_"):
        return f"mean correlation of spike counts in {name.removeprefix('correlation_')}"
    return name.replace("_", " ")
