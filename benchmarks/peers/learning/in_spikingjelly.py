"""The task in SpikingJelly, in its multi-step mode: every layer sees all steps at once."""

import math

import torch
from in_torch import front, main
from spikingjelly.activation_based import functional, neuron, surrogate
from task import LEAK, WIDTH


class FastSigmoid(surrogate.SurrogateFunctionBase):
    """1 / (1 + |u| / width)^2; the package brings no surrogate of this shape."""

    def __init__(self):
        super().__init__(alpha=1 / WIDTH, spiking=True)

    @staticmethod
    def spiking_function(x, alpha):
        return Spike.apply(x, alpha)


class Spike(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, alpha):
        ctx.save_for_backward(x)
        ctx.alpha = alpha
        return surrogate.heaviside(x)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad / (1 + ctx.alpha * x.abs()) ** 2, None


class Network(torch.nn.Module):
    def __init__(self, task):
        super().__init__()
        self.steps, self.hoist = task.steps, task.hoist
        parts = front(
            task,
            # tau of its discrete membrane, v += (x - v) / tau; without decay of the input v + x - v / tau
            lambda: neuron.LIFNode(
                tau=1 / (1 - LEAK),
                decay_input=False,
                v_reset=None,
                detach_reset=True,
                surrogate_function=FastSigmoid(),
                step_mode="m",
            ),
        )
        self.parts = torch.nn.ModuleList(parts)

    def forward(self, x):
        functional.reset_net(self)
        if self.hoist:
            first = self.parts[0](x)
            activity = first.unsqueeze(0).expand(self.steps, *first.shape)
        else:
            activity = functional.seq_to_ann_forward(
                x.unsqueeze(0).expand(self.steps, *x.shape), self.parts[0]
            )
        for part in self.parts[1:]:
            if isinstance(part, neuron.LIFNode):
                activity = part(activity)
            else:
                activity = functional.seq_to_ann_forward(activity, part)
        return activity.sum(0)


if __name__ == "__main__":
    assert math.isclose(LEAK, math.exp(-0.25), abs_tol=2e-3)
    main(Network)
