#include "bindings/learning.hpp"

#include <array>
#include <numeric>

#include <fmt/format.h>
#include <pybind11/stl.h>

#include "bindings/interruption.hpp"
#include "bindings/modules.hpp"
#include "bindings/values.hpp"
#include "core/error.hpp"

namespace ranvier::bindings {
namespace {

namespace py = pybind11;

LayerDescription to_layer(const py::dict& layer) {
  auto name = py::cast<std::string>(layer["name"]);
  const auto where = name.empty() ? std::string("a layer") : fmt::format("layer '{}'", name);
  LayerDescription result;
  result.name = std::move(name);
  result.kind = py::cast<std::string>(layer["kind"]);
  result.size = py::cast<std::size_t>(layer["size"]);
  result.model = py::cast<std::string>(layer["model"]);
  result.model_parameters = to_population_parameters(layer["model_parameters"], where);
  result.parameters = to_values(layer["parameters"], where);
  result.trained = py::cast<std::vector<std::string>>(layer["trained"]);
  result.trained_per_neuron = py::cast<bool>(layer["trained_per_neuron"]);
  result.recurrent = py::cast<bool>(layer["recurrent"]);
  result.recurrent_gain = py::cast<double>(layer["recurrent_gain"]);
  if (!layer["batch_norm"].is_none()) result.batch_norm = to_values(layer["batch_norm"], where);
  result.dropout = py::cast<double>(layer["dropout"]);
  result.input = py::cast<std::string>(layer["input"]);
  result.add = py::cast<std::string>(layer["add"]);
  return result;
}

SequentialDescription to_description(const py::dict& description) {
  SequentialDescription result{
      .inputs = py::cast<std::size_t>(description["inputs"]),
      .steps = py::cast<std::size_t>(description["steps"]),
      .step = py::cast<double>(description["step"]),
      .encoding = to_choice(description["encoding"]),
      .layers = {},
      .surrogate = to_choice(description["surrogate"]),
      .loss = to_choice(description["loss"]),
      .detach_reset = py::cast<bool>(description["detach_reset"]),
      .window = py::cast<std::size_t>(description["window"]),
      .truncated = py::cast<bool>(description["truncated"]),
      .credit = py::cast<std::string>(description["credit"]),
      .error_transport = py::cast<std::string>(description["error_transport"])};
  const auto shape = py::cast<std::array<std::size_t, 3>>(description["shape"]);
  result.shape = {.channels = shape[0], .height = shape[1], .width = shape[2]};
  for (const auto& layer : description["layers"]) {
    result.layers.push_back(to_layer(py::cast<py::dict>(layer)));
  }
  return result;
}

Shape shape_of(const Tensor& tensor) { return {tensor.shape.begin(), tensor.shape.end()}; }

/// Views of the weights: written through them, the network changes.
py::dict weights(const py::object& self) {
  auto& network = py::cast<Sequential<float>&>(self);
  py::dict views;
  for (const auto& tensor : network.tensors()) {
    views[py::str(tensor.name)] =
        py::array_t<float>(shape_of(tensor), network.parameters().data() + tensor.offset, self);
  }
  return views;
}

/// The same of the numbers that are not trained.
py::dict statistics(const py::object& self) {
  auto& network = py::cast<Sequential<float>&>(self);
  py::dict views;
  for (const auto& tensor : network.statistic_tensors()) {
    views[py::str(tensor.name)] =
        py::array_t<float>(shape_of(tensor), network.statistics().data() + tensor.offset, self);
  }
  return views;
}

SequentialTrace<float> traced(const Sequential<float>& network, const ArrayIn<float>& inputs,
                              std::uint64_t seed) {
  SequentialTrace<float> trace;
  trace.values = copied(inputs);
  trace.samples.resize(trace.values.size() / network.inputs());
  std::iota(trace.samples.begin(), trace.samples.end(), 0U);
  network.forward(seed, 0, trace);
  return trace;
}

/// Output of every layer [T][N][n].
py::dict activity(const Sequential<float>& network, const ArrayIn<float>& inputs,
                  std::uint64_t seed) {
  SequentialTrace<float> trace;
  {
    const py::gil_scoped_release released;
    trace = traced(network, inputs, seed);
  }
  py::dict outputs;
  for (std::size_t l = 0; l < network.layer_count(); ++l) {
    const Shape shape{static_cast<py::ssize_t>(network.steps()),
                      static_cast<py::ssize_t>(trace.samples.size()),
                      static_cast<py::ssize_t>(network.layer(l).outputs())};
    outputs[py::str(network.description().layers[l].name)] =
        moved(network.layer_output(l, trace), shape);
  }
  return outputs;
}

/// Mean loss over the samples, its gradient by tensor and that by input [N][D].
py::tuple gradient(const Sequential<float>& network, const ArrayIn<float>& inputs,
                   const ArrayIn<std::uint8_t>& labels, std::uint64_t seed) {
  const auto examples = to_examples(inputs, labels, network.inputs(), "the data set");
  std::vector<float> by_parameter(network.parameters().size());
  std::vector<float> by_input(view(inputs).size());
  double loss = 0.0;
  {
    const py::gil_scoped_release released;
    auto trace = traced(network, inputs, seed);
    const double weight = 1.0 / static_cast<double>(examples.size());
    loss = weight * network.backward(view(labels), {}, weight, trace, by_parameter, by_input).loss;
  }
  py::dict tensors;
  for (const auto& tensor : network.tensors()) {
    const auto part = std::span(by_parameter).subspan(tensor.offset, tensor.size());
    tensors[py::str(tensor.name)] =
        moved(std::vector<float>(part.begin(), part.end()), shape_of(tensor));
  }
  const Shape shape{static_cast<py::ssize_t>(examples.size()),
                    static_cast<py::ssize_t>(network.inputs())};
  return py::make_tuple(loss, tensors, moved(std::move(by_input), shape));
}

py::tuple evaluation(const Sequential<float>& network, const py::object& inputs,
                     const ArrayIn<std::uint8_t>& labels, int threads, std::uint64_t seed) {
  const GivenExamples examples(inputs, labels, network.inputs(), "the data set");
  Evaluation result;
  {
    const py::gil_scoped_release released;
    result = evaluate(network, examples.get(), threads, seed);
  }
  return py::make_tuple(result.loss, result.accuracy, moved(std::move(result.rates)));
}

/// `labels` matter to nothing: they are there because samples have some.
py::array scores(const Sequential<float>& network, const py::object& inputs,
                 const ArrayIn<std::uint8_t>& labels, int threads, std::uint64_t seed) {
  const GivenExamples examples(inputs, labels, network.inputs(), "the data set");
  std::vector<double> values;
  {
    const py::gil_scoped_release released;
    values = scores_over_time(network, examples.get(), threads, seed);
  }
  return moved(std::move(values), {static_cast<py::ssize_t>(network.steps()),
                                   static_cast<py::ssize_t>(examples.get().size()),
                                   static_cast<py::ssize_t>(network.classes())});
}

}  // namespace

Choice to_choice(const py::tuple& choice) {
  auto name = py::cast<std::string>(choice[0]);
  auto parameters = to_values(choice[1], fmt::format("'{}'", name));
  return {std::move(name), std::move(parameters)};
}

ArrayExamples to_examples(const ArrayIn<float>& inputs, const ArrayIn<std::uint8_t>& labels,
                          std::size_t features, std::string_view what) {
  if (inputs.ndim() != 2 || labels.ndim() != 1 || inputs.shape(0) != labels.shape(0) ||
      static_cast<std::size_t>(inputs.shape(1)) != features) {
    throw InvalidValue(fmt::format(
        "{} has {} input values and {} labels; expected {} values and one label for each sample",
        what, inputs.size(), labels.size(), features));
  }
  return {view(inputs), view(labels)};
}

GivenExamples::GivenExamples(const py::object& inputs, const ArrayIn<std::uint8_t>& labels,
                             std::size_t features, std::string_view what) {
  if (py::isinstance<Examples>(inputs)) {
    events_ = &py::cast<const Examples&>(inputs);
    return;
  }
  inputs_ = py::cast<ArrayIn<float>>(inputs);
  labels_ = labels;
  arrays_ = to_examples(inputs_, labels_, features, what);
}

void bind_learning(py::module_& module) {
  py::class_<Sequential<float>>(module, "Sequential")
      .def(py::init([](const py::dict& description, std::uint64_t seed) {
        return std::make_unique<Sequential<float>>(to_description(description), seed);
      }))
      .def("classes", &Sequential<float>::classes)
      .def("layer_names",
           [](const Sequential<float>& network) {
             std::vector<std::string> names;
             for (const auto& layer : network.description().layers) names.push_back(layer.name);
             return names;
           })
      .def("layer_sizes",
           [](const Sequential<float>& network) {
             std::vector<std::size_t> sizes;
             for (const auto& layer : network.description().layers) sizes.push_back(layer.size);
             return sizes;
           })
      .def("weights", &weights)
      .def("statistics", &statistics)
      .def("activity", &activity)
      .def("gradient", &gradient)
      .def("evaluate", &evaluation)
      .def("scores", &scores);
}

}  // namespace ranvier::bindings
