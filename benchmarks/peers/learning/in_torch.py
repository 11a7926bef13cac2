"""What the two simulators on PyTorch share: the epoch, the test, the single images."""

import resource

import numpy as np
import torch
from task import LEARNING_RATE, Measured, read, report, timed


def front(task, following):
    """Modules that end in the spikes of the last hidden layer; `following` makes neurons."""
    if task.network == "dense":
        return [torch.nn.Linear(784, 800), following(), torch.nn.Linear(800, 10)]
    return [
        torch.nn.Conv2d(1, 16, 3, padding=1),
        following(),
        torch.nn.AvgPool2d(2),
        torch.nn.Conv2d(16, 32, 3, padding=1),
        following(),
        torch.nn.AvgPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(32 * 7 * 7, 10),
    ]


def shaped(task, x):
    return torch.from_numpy(x if task.network == "dense" else x.reshape(-1, 1, 28, 28))


def main(make_network):
    """`make_network(task)` returns a callable from images to the outputs after the last step."""
    task, data = read()
    torch.set_num_threads(task.threads)
    torch.manual_seed(1)
    net = make_network(task)
    x, y = shaped(task, data["x"]), torch.from_numpy(data["y"].astype(np.int64))
    test_x, test_y = shaped(task, data["test_x"]), torch.from_numpy(data["test_y"].astype(np.int64))
    optimiser = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE)

    def epoch():
        total = 0.0
        order = torch.randperm(len(x))
        for first in range(0, len(x), task.batch):
            chosen = order[first : first + task.batch]
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(net(x[chosen]), y[chosen])
            loss.backward()
            optimiser.step()
            total += loss.item() * len(chosen)
        return total / len(x)

    loss, wall, processor = timed(epoch)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with torch.inference_mode():
        right = sum(
            (net(test_x[first : first + 500]).argmax(1) == test_y[first : first + 500]).sum().item()
            for first in range(0, len(test_x), 500)
        )
        torch.set_num_threads(1)
        net(test_x[:1])
        _, single, single_processor = timed(
            lambda: [net(test_x[i : i + 1]).argmax(1).item() for i in range(task.singles)]
        )
    report(
        Measured(
            epoch_seconds=wall,
            epoch_processor_seconds=processor,
            loss=loss,
            accuracy=right / len(test_x),
            single_seconds=single / task.singles,
            single_processor_seconds=single_processor / task.singles,
            peak_bytes=peak,
        )
    )
