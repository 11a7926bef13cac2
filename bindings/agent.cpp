#include "networks/agent/dynamic_confidence.hpp"

#include <fmt/format.h>
#include <pybind11/stl.h>

#include "bindings/arrays.hpp"
#include "bindings/catalogue.hpp"
#include "bindings/modules.hpp"
#include "bindings/values.hpp"
#include "core/error.hpp"
#include "networks/agent/calibration.hpp"
#include "networks/agent/evaluate.hpp"
#include "networks/agent/exit_curve.hpp"
#include "networks/agent/fit.hpp"
#include "networks/agent/fixed_time.hpp"
#include "networks/agent/oracle.hpp"
#include "networks/agent/temperature.hpp"

namespace ranvier::bindings {
namespace {

namespace py = pybind11;
using agent::DynamicConfidence;
using agent::EventTrace;
using agent::Trace;
using agent::TraceView;

std::unique_ptr<Trace> make_trace(const ArrayIn<double>& scores,
                                  const ArrayIn<std::uint8_t>& labels,
                                  const std::optional<ArrayIn<std::uint64_t>>& events) {
  if (scores.ndim() != 3) {
    throw InvalidValue(fmt::format(
        "the scores have {} dimensions; expected three: steps, samples, classes", scores.ndim()));
  }
  auto trace = std::make_unique<Trace>();
  trace->steps = static_cast<std::size_t>(scores.shape(0));
  trace->samples = static_cast<std::size_t>(scores.shape(1));
  trace->classes = static_cast<std::size_t>(scores.shape(2));
  trace->scores = copied(scores);
  trace->labels = copied(labels);
  if (events) trace->events = copied(*events);
  const TraceView checked(*trace);
  return trace;
}

/// A view of memory that `self` owns and never resizes.
template <class T>
py::array borrowed(const std::vector<T>& values, Shape shape, const py::object& self) {
  return py::array_t<T>(std::move(shape), values.data(), self);
}

py::array trace_scores(const py::object& self) {
  const auto& trace = py::cast<const Trace&>(self);
  return borrowed(trace.scores,
                  {static_cast<py::ssize_t>(trace.steps), static_cast<py::ssize_t>(trace.samples),
                   static_cast<py::ssize_t>(trace.classes)},
                  self);
}

py::array trace_labels(const py::object& self) {
  const auto& trace = py::cast<const Trace&>(self);
  return borrowed(trace.labels, {static_cast<py::ssize_t>(trace.samples)}, self);
}

py::object trace_events(const py::object& self) {
  const auto& trace = py::cast<const Trace&>(self);
  if (trace.events.empty()) return py::none();
  return borrowed(trace.events,
                  {static_cast<py::ssize_t>(trace.steps), static_cast<py::ssize_t>(trace.samples)},
                  self);
}

/// Either kind of record as the agent's functions read it.
TraceView view_of(const py::object& trace) {
  if (py::isinstance<EventTrace>(trace)) return py::cast<const EventTrace&>(trace);
  return py::cast<const Trace&>(trace);
}

py::dict to_dict(const agent::Reliability& reliability) {
  using Bin = agent::ReliabilityBin;
  py::dict result;
  result["lower"] = column<double>(reliability.bins, &Bin::lower);
  result["upper"] = column<double>(reliability.bins, &Bin::upper);
  result["count"] = column<std::int64_t>(reliability.bins, &Bin::count);
  result["confidence"] = column<double>(reliability.bins, &Bin::confidence);
  result["accuracy"] = column<double>(reliability.bins, &Bin::accuracy);
  result["ece"] = reliability.ece;
  result["mce"] = reliability.mce;
  result["ace"] = reliability.ace;
  result["overall_accuracy"] = reliability.accuracy;
  result["mean_confidence"] = reliability.mean_confidence;
  return result;
}

py::dict fit_agent(const py::object& trace, const py::dict& parameters) {
  constexpr auto where = "the dynamic-confidence agent";
  const auto chosen =
      configured<agent::DynamicConfidenceParameters>(to_values(parameters, where), where);
  const auto seen = view_of(trace);
  agent::DynamicConfidenceFit fit;
  {
    const py::gil_scoped_release released;
    fit = agent::fit_dynamic_confidence(seen, chosen);
  }
  py::dict result;
  result["temperature"] = fit.temperature;
  result["threshold"] = fit.threshold();
  result["max_steps"] = fit.max_steps;
  result["stops_early"] = fit.choice.stops_early;
  result["latency"] = fit.choice.calibration.latency;
  result["accuracy"] = fit.choice.calibration.accuracy;
  result["final_accuracy"] = fit.choice.final_accuracy;
  result["horizon"] = fit.choice.horizon;
  return result;
}

py::dict evaluate_agent(const py::object& trace, double temperature, double threshold) {
  const auto result = agent::evaluate(view_of(trace), temperature, threshold);
  py::dict dict;
  dict["accuracy"] = result.accuracy;
  dict["mean_latency"] = result.mean_latency;
  dict["median_latency"] = result.median_latency;
  dict["p95_latency"] = result.p95_latency;
  dict["forced_share"] = result.forced_share;
  dict["mean_events"] = result.mean_events;
  dict["final_accuracy"] = result.final_accuracy;
  dict["matched_accuracy"] = result.matched_accuracy;
  dict["base_time"] = result.base_time;
  dict["horizon"] = result.horizon;
  dict["final_events"] = result.final_events;
  dict["at_exit"] = to_dict(result.at_exit);
  return dict;
}

py::tuple exit_curve_of(const py::object& trace, double temperature) {
  using Point = agent::ExitPoint;
  const auto curve = agent::exit_curve(agent::decisions_of(view_of(trace), temperature));
  return py::make_tuple(column<double>(curve.points, &Point::threshold),
                        column<double>(curve.points, &Point::latency),
                        column<double>(curve.points, &Point::accuracy));
}

/// Temperature does not change which class leads, so any will do where only answers count.
constexpr double any_temperature = 1.0;

py::tuple fixed_time_curve_of(const py::object& trace) {
  auto curve = agent::fixed_time_curve(agent::decisions_of(view_of(trace), any_temperature));
  return py::make_tuple(moved(std::move(curve.time)), moved(std::move(curve.accuracy)));
}

py::dict oracle_of(const py::object& trace) {
  const auto result = agent::oracle(agent::decisions_of(view_of(trace), any_temperature));
  py::dict dict;
  dict["accuracy"] = result.accuracy;
  dict["latency_charged_horizon"] = result.latency_charged_horizon;
  dict["latency_charged_first"] = result.latency_charged_first;
  dict["latency_right"] = result.latency_right;
  dict["optimal_cutoff"] = result.optimal_cutoff;
  dict["average_earliest_time"] = result.average_earliest_time;
  return dict;
}

double fit_temperature_of(const py::object& trace, const std::string& over) {
  const auto seen = view_of(trace);
  if (over == "final") return agent::fit_temperature(agent::last_points(seen)).temperature;
  if (over == "all_steps") return agent::fit_temperature(agent::every_point(seen)).temperature;
  throw UnknownName(
      fmt::format("a temperature cannot be fitted over '{}'; expected final or all_steps", over));
}

py::dict reliability_of_trace(const py::object& trace, double temperature, std::size_t bins) {
  const auto seen = view_of(trace);
  return to_dict(agent::reliability(agent::last_points(seen), temperature, bins));
}

py::dict reliability_of(const ArrayIn<double>& confidence, const ArrayIn<std::uint8_t>& correct,
                        std::size_t bins) {
  return to_dict(agent::reliability(view(confidence), view(correct), bins));
}

}  // namespace

void bind_agent(py::module_& module) {
  py::class_<Trace>(module, "Trace")
      .def(py::init(&make_trace))
      .def("scores", &trace_scores)
      .def("labels", &trace_labels)
      .def("events", &trace_events);
  py::class_<EventTrace>(module, "EventTrace")
      .def_readonly("horizon", &EventTrace::horizon)
      .def_readonly("classes", &EventTrace::classes)
      .def("samples", [](const EventTrace& trace) { return trace.labels.size(); });
  py::class_<DynamicConfidence>(module, "DynamicConfidence")
      .def(py::init<double, double, std::size_t>())
      .def("reset", &DynamicConfidence::reset)
      .def("decide", [](DynamicConfidence& rule,
                        const ArrayIn<double>& scores) { return rule.decide(view(scores)); })
      .def("prediction", &DynamicConfidence::prediction)
      .def("confidence", &DynamicConfidence::confidence)
      .def("decisions", &DynamicConfidence::decisions);
  module.def("agent_parameters", [] {
    return describe_parameters(parameters_of<agent::DynamicConfidenceParameters>());
  });
  module.def("fit_agent", &fit_agent);
  module.def("evaluate_agent", &evaluate_agent);
  module.def("exit_curve", &exit_curve_of);
  module.def("fixed_time_curve", &fixed_time_curve_of);
  module.def("oracle", &oracle_of);
  module.def("fit_temperature", &fit_temperature_of);
  module.def("reliability_of_trace", &reliability_of_trace);
  module.def("reliability", &reliability_of);
}

}  // namespace ranvier::bindings
