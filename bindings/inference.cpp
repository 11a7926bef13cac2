#include "networks/inference.hpp"

#include <limits>
#include <memory>

#include <pybind11/stl.h>

#include "bindings/arrays.hpp"
#include "bindings/interruption.hpp"
#include "bindings/learning.hpp"
#include "bindings/modules.hpp"
#include "bindings/values.hpp"
#include "networks/threshold_balance.hpp"

namespace ranvier::bindings {
namespace {

namespace py = pybind11;

InferenceOptions to_options(const py::dict& options) {
  return {.runtime = py::cast<std::string>(options["runtime"]),
          .on_grid = py::cast<bool>(options["on_grid"]),
          .threads = py::cast<unsigned>(options["threads"]),
          .seed = py::cast<std::uint64_t>(options["seed"])};
}

/// How a network is made to spike, with the thresholds that came from data.
struct GivenConversion {
  Conversion parameters;
  std::vector<double> thresholds;  ///< [layers], or none
  std::size_t steps = 0;           ///< that a sample is shown for; 0: those of training
};

std::unique_ptr<GivenConversion> to_conversion(const py::dict& values,
                                               std::vector<double> thresholds, std::size_t steps) {
  return std::make_unique<GivenConversion>(GivenConversion{
      .parameters = configured<Conversion>(to_values(values, "conversion"), "conversion"),
      .thresholds = std::move(thresholds),
      .steps = steps});
}

TrainedNetwork converted(const Sequential<float>& network, const GivenConversion& conversion) {
  auto result = trained(network, conversion.parameters, conversion.thresholds);
  if (conversion.steps > 0) result.description.steps = conversion.steps;
  return result;
}

/// Thresholds of the layers that need them from data, 0 for the others.
std::vector<double> balance(const Sequential<float>& network, const py::object& inputs,
                            const ArrayIn<std::uint8_t>& labels, double percentile, int threads) {
  const GivenExamples given(inputs, labels, network.inputs(), "the set of samples");
  const py::gil_scoped_release released;
  return balanced_thresholds(network, given.get(), percentile, given.get().size(), threads);
}

std::unique_ptr<Network> deploy(const Sequential<float>& network,
                                const GivenConversion& conversion) {
  const auto trained_network = converted(network, conversion);
  const auto input = trained_network.description.encoding.name == "current" ? InputKind::current
                                                                            : InputKind::spikes;
  return std::make_unique<Network>(deployed(trained_network, input));
}

std::unique_ptr<Inference> to_inference(const Sequential<float>& network,
                                        const GivenConversion& conversion,
                                        const py::dict& options) {
  auto chosen = to_options(options);
  const py::gil_scoped_release released;
  return std::make_unique<Inference>(converted(network, conversion), std::move(chosen));
}

/// `infer(examples, progress)` of labelled samples.
template <class Infer>
auto inferred(const Inference& inference, const py::object& inputs,
              const ArrayIn<std::uint8_t>& labels, const Infer& infer) {
  const GivenExamples given(inputs, labels, inference.network().description.inputs, "the data set");
  const auto& examples = given.get();
  decltype(infer(examples, InferenceProgress{})) result;
  Interruptible interruptible;
  interruptible.run(
      [&] { result = infer(examples, [&](std::size_t) { return interruptible.interrupted(); }); });
  return result;
}

std::unique_ptr<agent::Trace> record_trace(Inference& inference, const py::object& inputs,
                                           const ArrayIn<std::uint8_t>& labels) {
  return std::make_unique<agent::Trace>(
      inferred(inference, inputs, labels, [&](const auto& examples, const auto& progress) {
        return inference.record_trace(examples, progress);
      }));
}

std::unique_ptr<agent::EventTrace> record_event_trace(Inference& inference,
                                                      const py::object& inputs,
                                                      const ArrayIn<std::uint8_t>& labels) {
  return std::make_unique<agent::EventTrace>(
      inferred(inference, inputs, labels, [&](const auto& examples, const auto& progress) {
        return inference.record_event_trace(examples, progress);
      }));
}

py::tuple answers(Inference& inference, const py::object& inputs,
                  const ArrayIn<std::uint8_t>& labels, const agent::ExitRule& rule,
                  bool at_events) {
  const auto at = at_events ? DecideAt::events : DecideAt::steps;
  const auto list =
      inferred(inference, inputs, labels, [&](const auto& examples, const auto& progress) {
        return inference.answer(examples, rule, at, progress);
      });
  std::vector<double> probability;
  for (const auto& answer : list) {
    probability.push_back(answer.probability.value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  return py::make_tuple(column<std::int64_t>(list, &Answer::prediction),
                        column<double>(list, &Answer::latency),
                        column<double>(list, &Answer::score), moved(std::move(probability)),
                        column<std::int64_t>(list, &Answer::synaptic_events),
                        column<std::int64_t>(list, &Answer::spikes));
}

/// (name, times in ms, neurons) of each layer of neurons, and the scores after each step, for one
/// sample.
py::tuple observe(Inference& inference, const ArrayIn<float>& sample, std::uint32_t index) {
  const auto& layers = inference.network().layers;
  auto seen = inference.observe(view(sample), index);
  py::list spikes;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    auto& train = seen.spikes[l];
    spikes.append(py::make_tuple(layers[l].name, moved(std::move(train.times)),
                                 moved(std::move(train.neurons))));
  }
  std::vector<double> scores;
  for (const auto& row : seen.scores) scores.insert(scores.end(), row.begin(), row.end());
  const Shape shape{static_cast<py::ssize_t>(seen.scores.size()),
                    static_cast<py::ssize_t>(layers.back().size())};
  return py::make_tuple(spikes, moved(std::move(scores), shape));
}

}  // namespace

void bind_inference(py::module_& module) {
  py::class_<GivenConversion>(module, "Conversion").def(py::init(&to_conversion));
  module.def("balance", &balance);
  module.def("deploy", &deploy);
  py::class_<Inference>(module, "Inference")
      .def(py::init(&to_inference))
      .def("record_trace", &record_trace)
      .def("record_event_trace", &record_event_trace)
      .def("answers", &answers)
      .def("observe", &observe);
}

}  // namespace ranvier::bindings
