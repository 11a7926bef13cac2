#include "networks/inference.hpp"

#include <limits>
#include <memory>

#include <pybind11/stl.h>

#include "bindings/arrays.hpp"
#include "bindings/interruption.hpp"
#include "bindings/learning.hpp"
#include "bindings/modules.hpp"

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

std::unique_ptr<Network> deploy(const Sequential<float>& network) {
  const auto trained_network = trained(network);
  const auto input = trained_network.description.encoding.name == "current" ? InputKind::current
                                                                            : InputKind::spikes;
  return std::make_unique<Network>(deployed(trained_network, input));
}

/// Runs `infer(trained network, examples, options, progress)` over labelled samples.
template <class Infer>
auto inferred(const Sequential<float>& network, const py::object& inputs,
              const ArrayIn<std::uint8_t>& labels, const py::dict& options, const Infer& infer) {
  const GivenExamples given(inputs, labels, network.inputs(), "the data set");
  const auto& examples = given.get();
  const auto chosen = to_options(options);
  using Result = decltype(infer(trained(network), examples, chosen, InferenceProgress{}));
  Result result;
  Interruptible interruptible;
  interruptible.run([&] {
    result = infer(trained(network), examples, chosen,
                   [&](std::size_t) { return interruptible.interrupted(); });
  });
  return result;
}

std::unique_ptr<agent::Trace> record(const Sequential<float>& network, const py::object& inputs,
                                     const ArrayIn<std::uint8_t>& labels, const py::dict& options) {
  return std::make_unique<agent::Trace>(inferred(
      network, inputs, labels, options, [](const auto&... all) { return record_trace(all...); }));
}

std::unique_ptr<agent::EventTrace> record_events(const Sequential<float>& network,
                                                 const py::object& inputs,
                                                 const ArrayIn<std::uint8_t>& labels,
                                                 const py::dict& options) {
  return std::make_unique<agent::EventTrace>(
      inferred(network, inputs, labels, options,
               [](const auto&... all) { return record_event_trace(all...); }));
}

py::tuple answers(const Sequential<float>& network, const py::object& inputs,
                  const ArrayIn<std::uint8_t>& labels, const agent::ExitRule& rule,
                  const py::dict& options) {
  const auto list = inferred(network, inputs, labels, options,
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

/// Spikes of each layer (times in ms, neurons) and the scores after each step, for one sample.
py::tuple observed(const Sequential<float>& network, const ArrayIn<float>& sample,
                   std::uint32_t index, const py::dict& options) {
  auto seen = observe(trained(network), view(sample), index, to_options(options));
  py::list spikes;
  for (auto& train : seen.spikes) {
    spikes.append(py::make_tuple(moved(std::move(train.times)), moved(std::move(train.neurons))));
  }
  std::vector<double> scores;
  for (const auto& row : seen.scores) scores.insert(scores.end(), row.begin(), row.end());
  const auto steps = static_cast<py::ssize_t>(seen.scores.size());
  return py::make_tuple(
      spikes, moved(std::move(scores), {steps, static_cast<py::ssize_t>(network.classes())}));
}

}  // namespace

void bind_inference(py::module_& module) {
  module.def("deploy", &deploy);
  module.def("record_trace", &record);
  module.def("record_event_trace", &record_events);
  module.def("answers", &answers);
  module.def("observe", &observed);
}

}  // namespace ranvier::bindings
