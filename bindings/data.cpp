#include <filesystem>

#include <pybind11/stl.h>

#include "bindings/arrays.hpp"
#include "bindings/interruption.hpp"
#include "bindings/modules.hpp"
#include "bindings/values.hpp"
#include "experiments/datasets/dataset.hpp"
#include "experiments/datasets/files/fetch.hpp"
#include "experiments/datasets/files/inventory.hpp"

namespace ranvier::bindings {
namespace {

namespace py = pybind11;

/// (inputs [N][D], labels [N], shape of a sample, number of classes)
py::tuple to_tuple(LabelledData&& data) {
  const Shape shape{static_cast<py::ssize_t>(data.size()),
                    static_cast<py::ssize_t>(data.features())};
  return py::make_tuple(moved(std::move(data.inputs), shape), moved(std::move(data.labels)),
                        py::tuple(py::cast(data.shape)), data.classes);
}

py::tuple load(const std::string& name, const py::dict& options, std::uint64_t seed) {
  auto chosen = configured<DataOptions>(to_values(options, "load_data"), "load_data");
  chosen.seed = seed;
  DataSplit split;
  {
    const py::gil_scoped_release released;
    split = load_data(name, chosen);
  }
  return py::make_tuple(to_tuple(std::move(split.train)), to_tuple(std::move(split.test)));
}

std::vector<std::string> fetch(const std::string& name, const std::string& destination,
                               const std::string& mirror) {
  Interruptible interruptible;
  std::vector<std::string> paths;
  interruptible.run([&] {
    const FetchOptions options{
        .destination = destination, .mirror = mirror, .progress = [&](const FetchProgress&) {
          return !interruptible.interrupted();
        }};
    for (const auto& path : fetch_data(name, options)) paths.push_back(path.string());
  });
  return paths;
}

py::dict data_catalogue() {
  py::dict entries;
  for (const auto& status : list_data()) {
    const auto& set = data_sets().at(status.name);
    py::dict entry;
    entry["name"] = set.name;
    entry["kind"] = "data set";
    entry["summary"] = set.summary;
    entry["licence"] = set.licence;
    entry["classes"] = set.classes;
    entry["shape"] = py::tuple(py::cast(set.shape));
    entry["train_samples"] = set.train_samples;
    entry["test_samples"] = set.test_samples;
    entry["available"] = status.complete;
    entries[py::str(status.name)] = entry;
  }
  return entries;
}

}  // namespace

void bind_data(py::module_& module) {
  module.def("load_data", &load);
  module.def("fetch_data", &fetch);
  module.def("data_catalogue", &data_catalogue);
}

}  // namespace ranvier::bindings
