#include "core/simulation.hpp"

#include <atomic>
#include <memory>

#include <fmt/format.h>
#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include "bindings/arrays.hpp"
#include "bindings/connections.hpp"
#include "bindings/interruption.hpp"
#include "bindings/modules.hpp"
#include "bindings/values.hpp"
#include "core/error.hpp"
#include "core/files/checkpoint.hpp"

namespace ranvier::bindings {
namespace {

namespace py = pybind11;

/// While a run is under way its state belongs to the threads that run it: another Python thread, or
/// the progress callback, may not look at it.
class GuardedSimulation {
 public:
  explicit GuardedSimulation(std::unique_ptr<Simulation> simulation)
      : simulation_(std::move(simulation)) {}

  Simulation& idle() {
    if (running_) {
      throw InvalidValue(
          "the simulation is running; expected this call before or after the run, not within it");
    }
    return *simulation_;
  }

  void run(double duration, const py::object& progress) {
    auto& simulation = idle();
    Interruptible interruptible;
    RunControl control;
    control.interrupted = [&] { return interruptible.interrupted(); };
    if (!progress.is_none()) {
      control.progress = [&](double now) { interruptible.call([&] { progress(now); }); };
    }
    const Running running(running_);
    interruptible.run([&] { simulation.run(duration, control); });
  }

 private:
  struct Running {
    explicit Running(bool& flag) : flag_(flag) { flag_ = true; }
    ~Running() { flag_ = false; }
    bool& flag_;
  };

  std::unique_ptr<Simulation> simulation_;
  bool running_ = false;  ///< read and written under the interpreter's lock only
};

std::vector<StateRecorderSpec> to_recorders(const py::list& recorders) {
  std::vector<StateRecorderSpec> specs;
  for (const auto& entry : recorders) {
    const auto recorder = py::cast<py::tuple>(entry);
    specs.push_back({.population = py::cast<std::string>(recorder[0]),
                     .variables = py::cast<std::vector<std::string>>(recorder[1]),
                     .neurons = py::cast<std::vector<NeuronId>>(recorder[2]),
                     .interval = py::cast<double>(recorder[3])});
  }
  return specs;
}

std::unique_ptr<GuardedSimulation> make_simulation(
    const Network& network, const std::string& runtime, double resolution, bool on_grid,
    unsigned threads, std::uint64_t seed, const std::string& precision, const py::list& recorders,
    const std::optional<std::vector<std::string>>& spikes_of) {
  const SimulationOptions options{.runtime = runtime,
                                  .resolution = resolution,
                                  .on_grid = on_grid,
                                  .threads = threads,
                                  .seed = seed,
                                  .precision = precision};
  auto states = to_recorders(recorders);
  const py::gil_scoped_release released;
  return std::make_unique<GuardedSimulation>(
      spikes_of ? std::make_unique<Simulation>(network, options, std::move(states), *spikes_of)
                : std::make_unique<Simulation>(network, options, std::move(states)));
}

py::tuple spikes(GuardedSimulation& guarded, const std::string& population) {
  auto train = guarded.idle().spikes(population);
  return py::make_tuple(moved(std::move(train.times)), moved(std::move(train.neurons)));
}

/// Copies: the recording grows with the next run.
py::tuple recording(GuardedSimulation& guarded, std::size_t recorder) {
  const auto& data = guarded.idle().recording(recorder);
  const auto times = static_cast<py::ssize_t>(data.times.size());
  py::list columns;
  for (const auto& column : data.values) {
    const auto neurons = times == 0 ? 0 : static_cast<py::ssize_t>(column.size()) / times;
    columns.append(moved(std::vector<double>(column), {times, neurons}));
  }
  return py::make_tuple(moved(std::vector<double>(data.times)), columns);
}

void set_state(GuardedSimulation& guarded, const std::string& population,
               const std::string& variable, const ArrayIn<double>& values) {
  guarded.idle().set_state(population, variable, view(values));
}

py::tuple weights(GuardedSimulation& guarded, const std::string& projection) {
  auto table = guarded.idle().weights(projection);
  return py::make_tuple(moved(std::move(table.sources)), moved(std::move(table.targets)),
                        moved(std::move(table.weights)), moved(std::move(table.delays)));
}

void set_weights(GuardedSimulation& guarded, const std::string& projection,
                 const ArrayIn<double>& values) {
  guarded.idle().set_weights(projection, view(values));
}

void set_parameter(GuardedSimulation& guarded, const std::string& population,
                   const std::string& parameter, const py::object& value) {
  const auto where = fmt::format("'{}' of population '{}'", parameter, population);
  if (is_array(value)) {
    guarded.idle().set_parameter(population, parameter, to_column(value, where));
  } else {
    guarded.idle().set_parameter(population, parameter, to_value(value, where));
  }
}

void set_spike_times(GuardedSimulation& guarded, const std::string& device,
                     const py::object& times) {
  auto& simulation = guarded.idle();
  simulation.set_spike_times(device, spike_times_for(simulation.network(), device, times));
}

py::tuple counters(GuardedSimulation& guarded) {
  const auto totals = guarded.idle().counters();
  return py::make_tuple(totals.spikes, totals.synaptic_events, totals.touches);
}

/// A reading member of Simulation as one of the guarded kind.
template <auto member>
auto reading() {
  return [](GuardedSimulation& guarded) { return (guarded.idle().*member)(); };
}

}  // namespace

void bind_simulation(py::module_& module) {
  py::class_<GuardedSimulation>(module, "Simulation")
      .def(py::init(&make_simulation))
      .def("run", &GuardedSimulation::run)
      .def("reset", [](GuardedSimulation& guarded) { guarded.idle().reset(); })
      .def("now", reading<&Simulation::now>())
      .def("spikes", &spikes)
      .def("spike_count",
           [](GuardedSimulation& guarded, const std::string& population) {
             return guarded.idle().spike_count(population);
           })
      .def("recording", &recording)
      .def("state",
           [](GuardedSimulation& guarded, const std::string& population,
              const std::string& variable) {
             return moved(guarded.idle().state(population, variable));
           })
      .def("set_state", &set_state)
      .def("weights", &weights)
      .def("set_weights", &set_weights)
      .def("set_parameter", &set_parameter)
      .def("set_spike_times", &set_spike_times)
      .def("populations",
           [](GuardedSimulation& guarded) {
             py::list names;
             for (const auto& population : guarded.idle().network().populations()) {
               names.append(py::make_tuple(population.name, population.size));
             }
             return names;
           })
      .def("counters", &counters)
      .def("synapses", reading<&Simulation::synapses>())
      .def("synapse_bytes", reading<&Simulation::synapse_bytes>())
      .def("digest", reading<&Simulation::digest>())
      .def("build_seconds", reading<&Simulation::build_seconds>())
      .def("run_seconds", reading<&Simulation::run_seconds>())
      .def("save", [](GuardedSimulation& guarded,
                      const std::string& path) { write_checkpoint(path, guarded.idle().save()); })
      .def("load", [](GuardedSimulation& guarded, const std::string& path) {
        guarded.idle().load(read_checkpoint(path));
      });
}

}  // namespace ranvier::bindings
