#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <pybind11/stl.h>

#include "bindings/arrays.hpp"
#include "bindings/interruption.hpp"
#include "bindings/modules.hpp"
#include "bindings/values.hpp"
#include "core/error.hpp"
#include "experiments/datasets/dataset.hpp"
#include "experiments/datasets/files/audio.hpp"
#include "experiments/datasets/files/fetch.hpp"
#include "experiments/datasets/files/gzip.hpp"
#include "experiments/datasets/files/inventory.hpp"
#include "networks/cochlea.hpp"

namespace ranvier::bindings {
namespace {

namespace py = pybind11;

/// (inputs [N][D], labels [N], shape of a sample, number of classes); of events, their number by
/// address.
py::tuple to_tuple(const LabelledData& data) {
  const auto width = data.shape().size();
  std::vector<float> inputs(data.size() * width);
  {
    const py::gil_scoped_release released;
    for (std::size_t i = 0; i < data.size(); ++i) {
      const auto values = values_of(data, i);
      std::copy(values.begin(), values.end(), inputs.data() + i * width);
    }
  }
  const Shape shape{static_cast<py::ssize_t>(data.size()), static_cast<py::ssize_t>(width)};
  const auto labels = data.labels();
  return py::make_tuple(moved(std::move(inputs), shape),
                        moved(std::vector<std::uint8_t>(labels.begin(), labels.end())),
                        py::tuple(py::cast(sizes_of(data.shape()))), data.classes());
}

DataOptions to_options(const py::dict& options, std::uint64_t seed) {
  auto chosen = configured<DataOptions>(to_values(options, "load_data"), "load_data");
  chosen.seed = seed;
  return chosen;
}

py::tuple load(const std::string& name, const py::dict& options, std::uint64_t seed,
               std::vector<double> mean, std::vector<double> deviation) {
  auto chosen = to_options(options, seed);
  chosen.normalisation = {.mean = std::move(mean), .deviation = std::move(deviation)};
  DataSplit split;
  {
    const py::gil_scoped_release released;
    split = load_data(name, chosen);
  }
  return py::make_tuple(to_tuple(split.train), to_tuple(split.test));
}

CochleaParameters to_cochlea(const py::dict& parameters) {
  return configured<CochleaParameters>(to_values(parameters, "cochlea"), "cochlea");
}

/// The two parts of a set of events, whose samples stay where they are.
py::tuple load_events(const std::string& name, const py::dict& options, const py::dict& cochlea,
                      std::uint64_t seed, unsigned threads) {
  auto chosen = to_options(options, seed);
  chosen.threads = threads;
  chosen.cochlea = to_cochlea(cochlea);
  if (!cochlea.empty() && !data_sets().at(name).recorded_sound) {
    throw InvalidValue(fmt::format(
        "data set '{}' is no recorded sound; expected no parameters of a cochlea", name));
  }
  DataSplit split;
  {
    const py::gil_scoped_release released;
    split = load_data(name, chosen);
  }
  if (!split.train.has_events()) {
    throw InvalidValue(fmt::format("data set '{}' holds values; load_data gives them", name));
  }
  return py::make_tuple(std::make_unique<LabelledData>(std::move(split.train)),
                        std::make_unique<LabelledData>(std::move(split.test)));
}

/// (times in ms, addresses)
py::tuple events_of(const LabelledData& data, std::size_t i) {
  if (i >= data.size()) throw py::index_error(fmt::format("sample {} of {}", i, data.size()));
  EventList events;
  data.events(i, 0, events);
  return py::make_tuple(moved(std::move(events.times)), moved(std::move(events.addresses)));
}

/// (centre frequencies in Hz, activity [channels][samples], times in ms, channels)
py::tuple hear(const ArrayIn<float>& sound, double rate, const py::dict& parameters) {
  const auto chosen = to_cochlea(parameters);
  Cochleagram heard;
  EventList spikes;
  {
    const py::gil_scoped_release released;
    heard = cochleagram(view(sound), rate, chosen);
    spikes = cochlea_spikes(view(sound), rate, chosen);
  }
  const Shape shape{static_cast<py::ssize_t>(heard.frequencies.size()), sound.size()};
  return py::make_tuple(moved(std::move(heard.frequencies)),
                        moved(std::move(heard.activity), shape), moved(std::move(spikes.times)),
                        moved(std::move(spikes.addresses)));
}

/// (samples, rate in Hz)
py::tuple sound_in(const std::string& file) {
  auto recording = read_audio(read_unpacked(file), file);
  return py::make_tuple(moved(std::move(recording.samples)), recording.rate);
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
  py::class_<Examples>(module, "Examples");
  py::class_<LabelledData, Examples>(module, "LabelledData")
      .def("__len__", &LabelledData::size)
      .def("classes", &LabelledData::classes)
      .def("shape",
           [](const LabelledData& data) { return py::tuple(py::cast(sizes_of(data.shape()))); })
      .def("labels",
           [](const LabelledData& data) {
             return moved(std::vector<std::uint8_t>(data.labels().begin(), data.labels().end()));
           })
      .def("events", &events_of);
  module.def("load_data", &load);
  module.def("load_events", &load_events);
  module.def("hear", &hear);
  module.def("read_sound", &sound_in);
  module.def("fetch_data", &fetch);
  module.def("data_catalogue", &data_catalogue);
}

}  // namespace ranvier::bindings
