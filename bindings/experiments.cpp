#include "experiments/experiment.hpp"

#include <optional>

#include <pybind11/stl.h>

#include "bindings/interruption.hpp"
#include "bindings/modules.hpp"
#include "bindings/values.hpp"
#include "experiments/config/document.hpp"
#include "experiments/runner.hpp"

namespace ranvier::bindings {
namespace {

namespace py = pybind11;

py::dict to_dict(const Metrics& metrics) {
  py::dict result;
  for (const auto& [name, value] : metrics.entries()) {
    result[py::str(name)] = value ? from_value(*value) : py::none();
  }
  return result;
}

/// (metrics, folder of the results, warnings)
py::tuple run_file(const std::string& file, const std::vector<std::string>& overrides,
                   const std::string& out, unsigned threads, bool resume,
                   const py::object& progress) {
  Interruptible interruptible;
  RunOptions options{.out = out, .threads = threads, .resume = resume, .report = false};
  options.interrupted = [&] { return interruptible.interrupted(); };
  if (!progress.is_none()) {
    options.progress = [&](const Progress& at) {
      interruptible.call(
          [&] { progress(std::string(at.stage), at.done, at.total, std::string(at.unit)); });
    };
  }
  std::optional<RunOutcome> outcome;
  interruptible.run([&] {
    auto document = ConfigDocument::from_file(file, overrides);
    outcome = run(prepare(document), options);
  });
  return py::make_tuple(to_dict(outcome->metrics), outcome->folder.string(), outcome->warnings);
}

}  // namespace

void bind_experiments(py::module_& module) { module.def("run_experiment", &run_file); }

}  // namespace ranvier::bindings
