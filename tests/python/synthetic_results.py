"""Folders of results as runs leave them, with made-up numbers of a plausible shape."""

import json
from pathlib import Path

import h5py
import numpy as np

steps, classes, samples = 30, 10, 1000


def _common(file, experiment, metrics):
    file.attrs.update(
        configuration=f"experiment: {experiment}\nseed: 1\n",
        ranvier_version="0.1.0",
        build="GNU 12.2.0, Release",
        machine="a processor, 2 cores",
        magic=np.array([0x0A7A], np.uint32),
        version=np.array([0, 1], np.uint32),
    )
    group = file.create_group("metrics")
    group.attrs.update({name: value for name, value in metrics.items() if value is not None})


def _table(group, **columns):
    for name, values in columns.items():
        group[name] = np.asarray(values)


def _reliability(group, random, sharpness):
    edges = np.linspace(0, 1, 16)
    count = np.round(samples * np.diff(edges**3)).astype(np.int64)
    count[:2] = 0
    middle = (edges[1:] + edges[:-1]) / 2
    accuracy = np.clip(middle**sharpness + 0.02 * random.standard_normal(15), 0, 1)
    _table(
        group, lower=edges[:-1], upper=edges[1:], confidence=middle, accuracy=accuracy, count=count
    )
    group.attrs["ece"] = float(np.sum(count * abs(accuracy - middle)) / count.sum())


def write_classification(folder: Path) -> dict:
    """A `classify` run."""
    random = np.random.default_rng(1)
    folder.mkdir(parents=True, exist_ok=True)
    metrics = {
        "name": "classify & <made up>",
        "version": "0.1.0",
        "seed": 1,
        "threads": 2,
        "wall_seconds": 81.5,
        "digest": "0123456789abcdef",
        "accuracy_full": 0.9812,
        "accuracy_agent": 0.9809,
        "accuracy_oracle": 0.9944,
        "latency_full": 30,
        "latency_agent": 8.21,
        "latency_oracle": 3.4,
        "speedup": 30 / 8.21,
        "ece_before": 0.041,
        "ece_after": 0.012,
        "train_seconds": 74.2,
        "inference_per_second": 5123.4,
        "inference_per_second_full": 1450.0,
        "synaptic_events_per_inference": 10234.5,
        "synaptic_events_per_inference_full": 41234.0,
    }
    with h5py.File(folder / "results.h5", "w") as file:
        _common(file, "classify", metrics)
        epochs = np.arange(1, 21)
        _table(
            file.create_group("learning"),
            epoch=epochs,
            loss=1.9 * np.exp(-epochs / 4) + 0.08,
            train_accuracy=0.995 - 0.4 * np.exp(-epochs / 3),
            validation_accuracy=0.981 - 0.38 * np.exp(-epochs / 3),
            learning_rate=1e-3 * np.cos(epochs / 20 * np.pi / 2),
        )
        inference = file.create_group("inference")
        latency = np.arange(1, steps + 1)
        _table(
            inference.create_group("fixed"),
            latency=latency.astype(float),
            accuracy=0.9812 - 0.7 * np.exp(-latency / 4),
        )
        mean = np.linspace(1.2, steps, 400)
        for name in ("agent", "agent_calibration"):
            accuracy = 0.9812 - 0.5 * np.exp(-mean / 1.7)
            _table(
                inference.create_group(name),
                threshold=np.linspace(0.1, 1, 400),
                latency=mean,
                accuracy=accuracy,
            )
        inference.attrs.update(
            chosen_threshold=0.73,
            temperature=2.9,
            chosen_latency=8.21,
            chosen_accuracy=0.9809,
            full_latency=30.0,
            full_accuracy=0.9812,
            oracle_latency=3.4,
            oracle_accuracy=0.9944,
            steps=steps,
            step_ms=1.0,
        )
        decided = np.minimum(steps, 2 + random.gamma(2.0, 3.0, samples).astype(int))
        _table(
            inference.create_group("decision"),
            latency=decided.astype(float),
            correct=(random.random(samples) < 0.981).astype(np.int32),
            score=random.beta(9, 1, samples),
            probability=np.linspace(0.9, 1.0, samples),
            events=(decided * 1250).astype(np.uint64),
        )
        compare = inference.create_group("compare")
        rules = ["dynamic_confidence", "patience", "top_k_gap"]
        compare["rule"] = np.array(rules, dtype=h5py.string_dtype())
        _table(
            compare,
            accuracy=[0.9809, 0.9741, 0.9799],
            latency=[8.21, 7.4, 9.0],
            saving=[0.726, 0.753, 0.7],
            saving_against_base=[0.32, 0.38, 0.25],
            matched_gain=[0.1, 0.08, 0.07],
            ece_score=[0.3, np.nan, np.nan],
            ece_at_exit=[0.01, 0.02, 0.015],
            forced_share=[0.02, 0.01, 0.1],
        )
        for index in (0, 1):
            _table(compare.create_group(f"curve/{index}"), latency=mean, accuracy=accuracy)
        calibration = file.create_group("calibration")
        _reliability(calibration.create_group("before"), random, 0.6)
        _reliability(calibration.create_group("after"), random, 1.0)
        _reliability(calibration.create_group("at_exit"), random, 1.0)
        errors = calibration.create_group("errors")
        errors["measure"] = np.array(["ece", "brier"], dtype=h5py.string_dtype())
        _table(errors, value=[0.0123, 0.031], lower=[0.009, 0.028], upper=[0.019, 0.034])
        errors.attrs["ece_if_calibrated"] = 0.0077
        _table(
            calibration.create_group("over_time"),
            ece_sum=0.05 + 0.002 * latency,
            ece_mean=0.05 / latency,
            ece_horizon=0.7 - 0.02 * latency,
            ece_fitted=0.01 + 0.0 * latency,
        )
        ranking = calibration.create_group("risk_coverage")
        share = np.linspace(0.001, 1.0, samples)
        _table(ranking, coverage=share, risk=0.019 * share**4)
        ranking.attrs.update(area=0.004, auroc=0.951)
        example = file.create_group("example")
        y, x = np.mgrid[0:28, 0:28]
        example["image"] = np.exp(-(((np.hypot(x - 14, y - 14) - 8) / 2) ** 2)).astype(np.float32)
        layer = random.integers(0, 2, 900)
        neuron = np.where(layer == 0, random.integers(0, 128, 900), random.integers(0, 64, 900))
        time = np.sort(random.uniform(1, steps, 900))
        _table(
            example.create_group("spikes"),
            layer=layer.astype(np.int32),
            neuron=neuron.astype(np.uint32),
            time=time,
        )
        drift = 0.1 * random.standard_normal(classes)
        drift[0] = 0.6
        example["scores"] = np.cumsum(
            drift + 0.3 * random.standard_normal((steps, classes)), axis=0
        )
        example.attrs.update(label=0, prediction=0, decision_step=7.0)
        for index, shape in enumerate([(128, 784), (10, 128)]):
            group = file.create_group(f"weights/layer_{index + 1}")
            group["weight"] = random.standard_normal(shape)
            group["bias"] = np.zeros(shape[0])
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return metrics


def write_simulation(folder: Path) -> dict:
    """A `simulate` run."""
    random = np.random.default_rng(2)
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {"excitatory": 400, "inhibitory": 100}
    metrics = {
        "name": "simulate & <made up>",
        "version": "0.1.0",
        "seed": 1,
        "threads": 2,
        "wall_seconds": 1.52,
        "biological_seconds": 1.0,
        "real_time_factor": 1.31,
        "build_seconds": 0.21,
        "neurons": 500,
        "synapses": 25000,
        "bytes_per_synapse": 8.1,
        "spikes": 5500,
        "synaptic_events": 275000,
        "rate_hz_excitatory": 9.8,
        "rate_hz_inhibitory": 15.2,
        "rate_hz_silent": None,
        "cv_isi_excitatory": 0.87,
        "correlation_excitatory": 0.0123,
        "digest": "fedcba9876543210",
    }
    with h5py.File(folder / "results.h5", "w") as file:
        _common(file, "simulate", metrics)
        for name, size in sizes.items():
            number = int(metrics[f"rate_hz_{name}"] * size)
            beats = random.integers(0, 20, number) * 50.0
            times = np.sort(np.clip(beats + random.normal(20, 9, number), 0.1, 999.9))
            group = file.create_group(f"spikes/{name}")
            group["timestamps"] = times
            group["node_ids"] = random.integers(0, size, number).astype(np.uint64)
        file.create_group("spikes/silent")["timestamps"] = np.zeros(0)
        file["spikes/silent/node_ids"] = np.zeros(0, np.uint64)
        report = file.create_group("recordings/excitatory/V_m")
        walk = np.cumsum(random.normal(0, 0.4, (1000, 6)), axis=0)
        report["data"] = -62 + 4 * np.sin(walk / 4)
        report["data"].attrs["units"] = "mV"
        report["mapping/node_ids"] = np.arange(6, dtype=np.uint64)
        report["mapping/time"] = np.array([1.0, 1001.0, 1.0])
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return metrics
