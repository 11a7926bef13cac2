"""What every simulator is given: the networks, the samples and how to measure.

The dense network is 784-800-10 and the convolutional one 16 filters of 3 x 3, mean over 2 x 2, 32
filters of 3 x 3, mean over 2 x 2, 10 outputs; hidden neurons are leaky integrate-and-fire with a soft
reset, the outputs add up their input. An image is a constant current. Cross-entropy of the outputs
after the last step, Adam.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

LEAK = 0.78  # of the membrane over a step; exp(-1/4), as tau_m = 4 ms in steps of 1 ms
WIDTH = 0.25  # of the fast sigmoid: its derivative is 1 / (1 + |u| / width)^2
LEARNING_RATE = 1e-3


@dataclass
class Task:
    network: str  # dense or convolutional
    samples: int
    batch: int
    steps: int
    threads: int
    singles: int  # images shown one by one
    hoist: bool  # whether the first layer's product is taken once, as its input does not change
    data: str  # folder of train and test arrays


def read():
    task = Task(**json.loads(sys.argv[1]))
    return task, {key: np.load(Path(task.data) / f"{key}.npy") for key in ("x", "y", "test_x", "test_y")}


@dataclass
class Measured:
    epoch_seconds: float
    epoch_processor_seconds: float
    loss: float  # mean over the epoch
    accuracy: float  # on the test images, after it
    single_seconds: float  # of one image, all alone
    single_processor_seconds: float
    peak_bytes: int


def timed(act):
    wall, processor = time.perf_counter(), time.process_time()
    result = act()
    return result, time.perf_counter() - wall, time.process_time() - processor


def report(measured):
    print(json.dumps(asdict(measured)))
