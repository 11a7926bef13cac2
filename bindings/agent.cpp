#include "networks/agent/exit_rule.hpp"

#include <fmt/format.h>
#include <pybind11/stl.h>

#include "bindings/arrays.hpp"
#include "bindings/catalogue.hpp"
#include "bindings/modules.hpp"
#include "bindings/values.hpp"
#include "core/error.hpp"
#include "networks/agent/calibration/calibration_report.hpp"
#include "networks/agent/calibration/isotonic.hpp"
#include "networks/agent/calibration/reliability.hpp"
#include "networks/agent/calibration/risk_coverage.hpp"
#include "networks/agent/calibration/temperature.hpp"
#include "networks/agent/calibration/vector_scaling.hpp"
#include "networks/agent/evaluation/evaluate.hpp"
#include "networks/agent/evaluation/fixed_time.hpp"
#include "networks/agent/evaluation/oracle.hpp"
#include "networks/agent/selection/exit_curve.hpp"

namespace ranvier::bindings {
namespace {

namespace py = pybind11;
using agent::EventTrace;
using agent::ExitRule;
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

std::unique_ptr<ExitRule> make_rule(const std::string& name, const py::dict& parameters) {
  const auto values = to_values(parameters, name + " " + agent::exit_rules().kind());
  return std::make_unique<ExitRule>(agent::exit_rule(name, values));
}

void fit_rule(ExitRule& rule, const py::object& trace) {
  const auto seen = view_of(trace);
  const py::gil_scoped_release released;
  rule.fit(seen);
}

py::dict findings_of(const ExitRule& rule) {
  py::dict result;
  for (const auto& [name, values] : rule.findings()) {
    result[py::str(name)] =
        values.size() == 1 ? py::object(py::float_(values.front())) : moved(std::vector(values));
  }
  return result;
}

py::object held_out_of(const ExitRule& rule) {
  if (!rule.held_out()) return py::none();
  const auto& seen = *rule.held_out();
  py::dict result;
  result["accuracy"] = seen.accuracy;
  result["latency"] = seen.latency;
  result["final_accuracy"] = seen.final_accuracy;
  result["horizon"] = seen.horizon;
  return result;
}

py::object to_dict(const std::optional<agent::Reliability>& reliability) {
  return reliability ? py::object(to_dict(*reliability)) : py::none();
}

py::dict evaluate_rule(const ExitRule& rule, const py::object& trace) {
  const auto seen = view_of(trace);
  agent::Evaluation result;
  {
    const py::gil_scoped_release released;
    result = agent::evaluate(rule, seen);
  }
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
  dict["calibrated_at_exit"] = to_dict(result.calibrated_at_exit);
  return dict;
}

/// Latency, outcome and score of every sample at its exit.
py::tuple exits_of(const ExitRule& rule, const py::object& trace) {
  const auto decisions = rule.scored(view_of(trace));
  std::vector<double> latency, score;
  std::vector<std::uint8_t> correct;
  for (const auto row : rule.stops(decisions)) {
    latency.push_back(decisions.time[row]);
    score.push_back(decisions.score[row]);
    correct.push_back(decisions.correct[row]);
  }
  return py::make_tuple(moved(std::move(latency)), moved(std::move(correct)),
                        moved(std::move(score)));
}

py::tuple to_tuple(const agent::ExitCurve& curve) {
  using Point = agent::ExitPoint;
  return py::make_tuple(column<double>(curve.points, &Point::threshold),
                        column<double>(curve.points, &Point::latency),
                        column<double>(curve.points, &Point::accuracy));
}

py::tuple exit_curve_of_rule(const ExitRule& rule, const py::object& trace) {
  return to_tuple(agent::exit_curve(rule.scored(view_of(trace))));
}

py::tuple exit_curve_of(const py::object& trace, double temperature) {
  return to_tuple(agent::exit_curve(agent::decisions_of(view_of(trace), temperature)));
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

agent::Predictions predictions_of(const ArrayIn<double>& probabilities,
                                  const ArrayIn<std::uint8_t>& labels) {
  if (probabilities.ndim() != 2) {
    throw InvalidValue(
        fmt::format("the probabilities have {} dimensions; expected two: samples, classes",
                    probabilities.ndim()));
  }
  return {.classes = static_cast<std::size_t>(probabilities.shape(1)),
          .probabilities = copied(probabilities),
          .labels = copied(labels)};
}

py::dict to_dict(const agent::CalibrationErrors& errors) {
  py::dict dict;
  dict["ece"] = errors.ece;
  dict["mce"] = errors.mce;
  dict["ace"] = errors.ace;
  dict["adaptive_ece"] = errors.adaptive_ece;
  dict["classwise_ece"] = errors.classwise_ece;
  dict["nll"] = errors.nll;
  dict["brier"] = errors.brier;
  return dict;
}

py::dict calibration_report_of(const ArrayIn<double>& probabilities,
                               const ArrayIn<std::uint8_t>& labels, std::size_t replicates,
                               double level, std::uint64_t seed, std::size_t bins) {
  const auto predictions = predictions_of(probabilities, labels);
  agent::CalibrationReport report;
  {
    const py::gil_scoped_release released;
    report = agent::calibration_report(
        predictions, {.replicates = replicates, .level = level, .seed = seed}, bins);
  }
  py::dict dict;
  dict["value"] = to_dict(report.value);
  dict["lower"] = to_dict(report.lower);
  dict["upper"] = to_dict(report.upper);
  dict["ece_if_calibrated"] = report.ece_if_calibrated;
  dict["ece_if_calibrated_interval"] = py::make_tuple(report.ece_if_calibrated_interval.lower,
                                                      report.ece_if_calibrated_interval.upper);
  return dict;
}

py::dict risk_coverage_of(const ArrayIn<double>& score, const ArrayIn<std::uint8_t>& correct) {
  auto curve = agent::risk_coverage(view(score), view(correct));
  py::dict dict;
  dict["coverage"] = moved(std::move(curve.coverage));
  dict["risk"] = moved(std::move(curve.risk));
  dict["area"] = curve.area;
  dict["auroc"] = curve.auroc;
  return dict;
}

/// Weights and biases of softmax(w * z + b), from scores [N][K] and labels [N].
py::tuple vector_scaling_of(const ArrayIn<double>& scores, const ArrayIn<std::uint8_t>& labels) {
  Trace trace;
  trace.steps = 1;
  trace.samples = static_cast<std::size_t>(scores.shape(0));
  trace.classes = scores.ndim() == 2 ? static_cast<std::size_t>(scores.shape(1)) : 0;
  trace.scores = copied(scores);
  trace.labels = copied(labels);
  auto fit = agent::fit_vector_scaling(agent::last_points(trace));
  return py::make_tuple(moved(std::move(fit.weights)), moved(std::move(fit.biases)));
}

py::tuple isotonic_of(const ArrayIn<double>& x, const ArrayIn<double>& y) {
  const agent::Isotonic fit(view(x), view(y));
  return py::make_tuple(moved(std::vector(fit.from())), moved(std::vector(fit.values())));
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
  py::class_<ExitRule>(module, "ExitRule")
      .def(py::init(&make_rule))
      .def("fit", &fit_rule)
      .def("ready", &ExitRule::ready)
      .def("reset", &ExitRule::reset)
      .def("stop", [](ExitRule& rule, double time,
                      const ArrayIn<double>& scores) { return rule.stop(time, view(scores)); })
      .def("prediction", &ExitRule::prediction)
      .def("answer_set", &ExitRule::answer_set)
      .def("score", &ExitRule::score)
      .def("probability", &ExitRule::probability)
      .def("decisions", &ExitRule::decisions)
      .def("findings", &findings_of)
      .def("held_out", &held_out_of)
      .def("evaluate", &evaluate_rule)
      .def("exits", &exits_of)
      .def("exit_curve", &exit_curve_of_rule);
  module.def("exit_curve", &exit_curve_of);
  module.def("fixed_time_curve", &fixed_time_curve_of);
  module.def("oracle", &oracle_of);
  module.def("fit_temperature", &fit_temperature_of);
  module.def("reliability_of_trace", &reliability_of_trace);
  module.def("reliability", &reliability_of);
  module.def("calibration_report", &calibration_report_of);
  module.def("risk_coverage", &risk_coverage_of);
  module.def("vector_scaling", &vector_scaling_of);
  module.def("isotonic", &isotonic_of);
}

}  // namespace ranvier::bindings
