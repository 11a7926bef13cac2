#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "bindings/arrays.hpp"
#include "bindings/interruption.hpp"
#include "bindings/learning.hpp"
#include "bindings/modules.hpp"
#include "bindings/values.hpp"
#include "core/error.hpp"
#include "networks/event_learning/circuit_runner.hpp"
#include "networks/event_learning/event_layer.hpp"
#include "networks/event_learning/event_trainer.hpp"

namespace ranvier::bindings {
namespace {

namespace py = pybind11;

/// A classifier with its training and its weights.
struct EventLearner {
  EventClassifier classifier;
  EventTrainingDescription description;
  TrainingState state;

  std::size_t features() const {
    return classifier.circuit.inputs - classifier.encoding.bias.size();
  }
};

EventSynapses to_synapses(const py::tuple& numbers) {
  return {.weight = {py::cast<double>(numbers[0]), py::cast<double>(numbers[1])},
          .delay = py::cast<double>(numbers[2])};
}

/// From (name, size, parameters, (mean, deviation, delay), the same of recurrent synapses or None).
EventLayer to_layer(const py::tuple& layer) {
  const auto name = py::cast<std::string>(layer[0]);
  EventLayer result{.population = {.name = name,
                                   .size = py::cast<std::size_t>(layer[1]),
                                   .parameters = to_values(layer[2], "layer '" + name + "'")},
                    .from_before = to_synapses(layer[3])};
  if (!layer[4].is_none()) result.recurrent = to_synapses(layer[4]);
  return result;
}

std::unique_ptr<EventLearner> make(const py::list& layers, std::size_t features, double window,
                                   const py::dict& encoding, std::vector<double> bias,
                                   const py::dict& loss, double bump, const py::dict& training) {
  auto learner = std::make_unique<EventLearner>();
  std::vector<EventLayer> described;
  for (const auto& layer : layers) described.push_back(to_layer(py::cast<py::tuple>(layer)));
  auto& classifier = learner->classifier;
  classifier.circuit = layered_circuit(described, features + bias.size(), window);
  classifier.encoding =
      configured<SpikeTimeEncoding>(to_values(encoding, "the encoding"), "the encoding");
  classifier.encoding.bias = std::move(bias);
  classifier.loss = configured<FirstSpikeLoss>(to_values(loss, "the loss"), "the loss");
  auto& description = learner->description;
  description.silent = configured<SilentNeurons>({{"bump", bump}}, "silent neurons");
  description.training = to_training(training);
  learner->state.weights = initial_weights(classifier.circuit, description.training.seed);
  return learner;
}

py::list history(const EventLearner& learner) {
  py::list records;
  for (const auto& record : learner.state.history) records.append(to_tuple(record));
  return records;
}

void fit_learner(EventLearner& learner, std::int64_t epochs, const py::object& inputs,
                 const ArrayIn<std::uint8_t>& labels, const py::object& validation_inputs,
                 const ArrayIn<std::uint8_t>& validation_labels, int threads,
                 const py::object& on_epoch) {
  const GivenExamples examples(inputs, labels, learner.features(), "the training set");
  const GivenExamples validation(validation_inputs, validation_labels, learner.features(),
                                 "the validation set");
  learner.description.training.parameters.epochs = epochs;
  Interruptible interruptible;
  bool callback_raised = false;
  TrainingHooks hooks;
  hooks.stop = [&] { return callback_raised || interruptible.interrupted(); };
  if (!on_epoch.is_none()) {
    hooks.epoch = [&](const EpochRecord& record, const TrainingState&) {
      callback_raised = !interruptible.call([&] { on_epoch(to_tuple(record)); });
    };
  }
  interruptible.run([&] {
    fit(learner.classifier, examples.get(), validation.get(), learner.description, threads,
        learner.state, hooks);
  });
}

py::tuple evaluate_learner(const EventLearner& learner, const py::object& inputs,
                           const ArrayIn<std::uint8_t>& labels, int threads) {
  const GivenExamples examples(inputs, labels, learner.features(), "the data");
  EventEvaluation e;
  Interruptible interruptible;
  interruptible.run(
      [&] { e = evaluate(learner.classifier, learner.state.weights, examples.get(), threads); });
  return py::make_tuple(e.loss, e.accuracy, e.silent, e.latency, e.spikes, e.synaptic_events,
                        e.events_at_answer);
}

/// (name, delay, weights [target][source]) of each projection.
py::list projections(const EventLearner& learner) {
  const auto& circuit = learner.classifier.circuit;
  const auto offsets = weight_offsets(circuit);
  py::list result;
  for (std::size_t q = 0; q < circuit.projections.size(); ++q) {
    const auto& projection = circuit.projections[q];
    const auto first = learner.state.weights.begin();
    std::vector<float> own(first + static_cast<std::ptrdiff_t>(offsets[q]),
                           first + static_cast<std::ptrdiff_t>(offsets[q + 1]));
    const auto targets = static_cast<py::ssize_t>(circuit.populations[projection.target].size);
    const auto sources = static_cast<py::ssize_t>(sources_of(circuit, projection));
    result.append(py::make_tuple(name_of(circuit, projection), projection.delay,
                                 moved(std::move(own), {targets, sources})));
  }
  return result;
}

void set_weights(EventLearner& learner, std::vector<float> weights) {
  const auto expected = weight_offsets(learner.classifier.circuit).back();
  if (weights.size() != expected) {
    throw InvalidValue("the trainer is given " + std::to_string(weights.size()) +
                       " weights; expected " + std::to_string(expected));
  }
  learner.state.weights = std::move(weights);
}

std::unique_ptr<Network> network(const EventLearner& learner) {
  const std::vector<double> weights(learner.state.weights.begin(), learner.state.weights.end());
  return std::make_unique<Network>(network_of(learner.classifier.circuit, weights));
}

/// The first spike of each output for each sample, [N][K], infinite where it is silent.
py::array_t<double> first_spikes(const EventLearner& learner, const py::object& inputs,
                                 const ArrayIn<std::uint8_t>& labels) {
  const GivenExamples given(inputs, labels, learner.features(), "the data");
  const auto& examples = given.get();
  const auto& classifier = learner.classifier;
  const std::vector<double> weights(learner.state.weights.begin(), learner.state.weights.end());
  std::vector<double> times;
  Interruptible interruptible;
  interruptible.run([&] {
    CircuitRunner runner(classifier.circuit, weights);
    for (std::size_t i = 0; i < examples.size(); ++i) {
      const auto spikes = runner.run_until_all_answered(classifier.encoding.times(examples, i, 0));
      const auto first = first_output_spikes(classifier, spikes);
      times.insert(times.end(), first.begin(), first.end());
    }
  });
  return moved(std::move(times), {static_cast<py::ssize_t>(examples.size()),
                                  static_cast<py::ssize_t>(classifier.classes())});
}

}  // namespace

void bind_event_learning(py::module_& module) {
  py::class_<EventLearner>(module, "EventLearner")
      .def(py::init(&make))
      .def_property_readonly("epoch", [](const EventLearner& l) { return l.state.epoch; })
      .def("history", &history)
      .def("fit", &fit_learner)
      .def("evaluate", &evaluate_learner)
      .def("first_spikes", &first_spikes)
      .def("projections", &projections)
      .def("set_weights", &set_weights)
      .def("network", &network);
}

}  // namespace ranvier::bindings
