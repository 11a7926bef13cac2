"""The task in snnTorch, a loop over steps as in its tutorials."""

import snntorch
import torch
from in_torch import front, main
from snntorch import surrogate
from task import LEAK, WIDTH


class Network(torch.nn.Module):
    def __init__(self, task):
        super().__init__()
        self.steps, self.hoist = task.steps, task.hoist
        # Its fast sigmoid of slope k is 1 / (1 + k |u|)^2.
        spike = surrogate.fast_sigmoid(slope=1 / WIDTH)
        self.parts = torch.nn.ModuleList(
            front(task, lambda: snntorch.Leaky(beta=LEAK, spike_grad=spike))
        )

    def forward(self, x):
        membranes = {
            k: part.init_leaky() for k, part in enumerate(self.parts) if isinstance(part, snntorch.Leaky)
        }
        first = self.parts[0](x) if self.hoist else None
        total = 0.0
        for _ in range(self.steps):
            activity = self.parts[0](x) if first is None else first
            for k, part in enumerate(self.parts[1:], 1):
                if k in membranes:
                    activity, membranes[k] = part(activity, membranes[k])
                else:
                    activity = part(activity)
            total = total + activity
        return total


if __name__ == "__main__":
    main(Network)
