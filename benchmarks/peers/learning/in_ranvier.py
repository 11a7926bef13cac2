"""The task in Ranvier."""

import resource

import ranvier as rv
from task import LEARNING_RATE, WIDTH, Measured, read, report, timed


def network(task):
    lif = rv.models.lif(tau_m=4.0)
    sums = rv.models.leaky_integrator(tau_m=float("inf"))
    if task.network == "dense":
        inputs, layers = 784, [rv.Dense(800, lif), rv.Dense(10, sums)]
    else:
        inputs = (28, 28)
        layers = [
            rv.Convolution(16, 3, lif, padding=1),
            rv.AveragePool(2),
            rv.Convolution(32, 3, lif, padding=1),
            rv.AveragePool(2),
            rv.Dense(10, sums),
        ]
    return rv.Sequential(
        inputs,
        layers,
        steps=task.steps,
        surrogate=rv.surrogates.fast_sigmoid(width=WIDTH),
        loss="last_membrane",
    )


def main():
    task, data = read()
    net = network(task)
    trainer = rv.Trainer(
        net,
        epochs=1,
        batch_size=task.batch,
        optimiser=rv.optimisers.adam(learning_rate=LEARNING_RATE),
        schedule="constant",
        threads=task.threads,
    )
    history, wall, processor = timed(lambda: trainer.fit(data["x"], data["y"]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    agent = rv.ExitRule("dynamic_confidence")
    agent.fit(net.record_trace(data["x"][:2000], data["y"][:2000], threads=task.threads))
    singles = data["test_x"][: task.singles]
    inference = net.inference()
    inference.answer(singles[:1], agent)
    _, single, single_processor = timed(
        lambda: [inference.answer(image[None], agent) for image in singles]
    )
    report(
        Measured(
            epoch_seconds=wall,
            epoch_processor_seconds=processor,
            loss=history[-1].loss,
            accuracy=net.evaluate(data["test_x"], data["test_y"], threads=task.threads).accuracy,
            single_seconds=single / len(singles),
            single_processor_seconds=single_processor / len(singles),
            peak_bytes=peak,
        )
    )


if __name__ == "__main__":
    main()
