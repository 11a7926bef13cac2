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
  return {
      .runtime = py::cast<std::string>(options["runtime"]),
      .on_grid = py::cast<bool>(options["on_grid"]),
      .decide = py::cast<bool>(options["decide_at_events"]) ? DecideAt::events : DecideAt::steps,
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

/// Runs `infer(trained network, examples, options, progress)` over labelled samples.
template <class Infer>
auto inferred(const Sequential<float>& network, const GivenConversion& conversion,
              const py::object& inputs, const ArrayIn<std::uint8_t>& labels,
              const py::dict& options, const Infer& infer) {
  const GivenExamples given(inputs, labels, network.inputs(), "the data set");
  const auto& examples = given.get();
  const auto chosen = to_options(options);
  using Result = decltype(infer(TrainedNetwork{}, examples, chosen, InferenceProgress{}));
  Result result;
  Interruptible interruptible;
  interruptible.run([&] {
    result = infer(converted(network, conversion), examples, chosen,
                   [&](std::size_t) { return interruptible.interrupted(); });
  });
  return result;
}

std::unique_ptr<agent::Trace> record(const Sequential<float>& network,
                                     const GivenConversion& conversion, const py::object& inputs,
                                     const ArrayIn<std::uint8_t>& labels, const py::dict& options) {
  return std::make_unique<agent::Trace>(
      inferred(network, conversion, inputs, labels, options,
               [](const auto&... all) { return record_trace(all...); }));
}

std::unique_ptr<agent::EventTrace> record_events(const Sequential<float>& network,
                                                 const GivenConversion& conversion,
                                                 const py::object& inputs,
                                                 const ArrayIn<std::uint8_t>& labels,
                                                 const py::dict& options) {
  return std::make_unique<agent::EventTrace>(
      inferred(network, conversion, inputs, labels, options,
               [](const auto&... all) { return record_event_trace(all...); }));
}

py::tuple answers(const Sequential<float>& network, const GivenConversion& conversion,
                  const py::object& inputs, const ArrayIn<std::uint8_t>& labels,
                  const agent::ExitRule& rule, const py::dict& options) {
  const auto list = inferred(network, conversion, inputs, labels, options,
                             [&](const auto& trained_network, const auto& examples,
                                 const auto& chosen, const auto& progress) {
                               return answer(trained_network, examples, rule, chosen, progress);
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
py::tuple observed(const Sequential<float>& network, const GivenConversion& conversion,
                   const ArrayIn<float>& sample, std::uint32_t index, const py::dict& options) {
  const auto spiking = converted(network, conversion);
  auto seen = observe(spiking, view(sample), index, to_options(options));
  py::list spikes;
  for (std::size_t l = 0; l < spiking.layers.size(); ++l) {
    auto& train = seen.spikes[l];
    spikes.append(py::make_tuple(spiking.layers[l].name, moved(std::move(train.times)),
                                 moved(std::move(train.neurons))));
  }
  std::vector<double> scores;
  for (const auto& row : seen.scores) scores.insert(scores.end(), row.begin(), row.end());
  const auto steps = static_cast<py::ssize_t>(seen.scores.size());
  return py::make_tuple(
      spikes, moved(std::move(scores), {steps, static_cast<py::ssize_t>(network.classes())}));
}

}  // namespace

void bind_inference(py::module_& module) {
  py::class_<GivenConversion>(module, "Conversion").def(py::init(&to_conversion));
  module.def("balance", &balance);
  module.def("deploy", &deploy);
  module.def("record_trace", &record);
  module.def("record_event_trace", &record_events);
  module.def("answers", &answers);
  module.def("observe", &observed);
}

}  // namespace ranvier::bindings
