#include <chrono>
#include <memory>

#include <pybind11/stl.h>

#include "bindings/arrays.hpp"
#include "bindings/interruption.hpp"
#include "bindings/learning.hpp"
#include "bindings/modules.hpp"
#include "bindings/values.hpp"
#include "networks/trainer.hpp"

namespace ranvier::bindings {

namespace py = pybind11;

TrainingDescription to_training(const py::dict& description) {
  return {.parameters = configured<TrainingParameters>(
              to_values(description["parameters"], "training"), "training"),
          .optimiser = to_choice(description["optimiser"]),
          .schedule = to_choice(description["schedule"]),
          .penalty = configured<RateRegularisation>(
              to_values(description["rate_regularisation"], "rate_regularisation"),
              "rate_regularisation"),
          .seed = py::cast<std::uint64_t>(description["seed"])};
}

namespace {

py::list history(const TrainingState& state) {
  py::list records;
  for (const auto& record : state.history) records.append(to_tuple(record));
  return records;
}

/// Python's signal handlers are run at most this often: taking the interpreter's lock after every
/// batch of a small network would cost more than the batch.
class SeldomInterrupted {
 public:
  explicit SeldomInterrupted(Interruptible& interruptible) : interruptible_(interruptible) {}

  bool operator()() {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(50)) return false;
    last_ = now;
    return interruptible_.interrupted();
  }

 private:
  Interruptible& interruptible_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// Goes on from where `state` stands, with the weights the network has now: they may have been set
/// from outside since. `on_epoch` is called with the record of each epoch.
void train(Sequential<float>& network, TrainingState& state, const py::object& inputs,
           const ArrayIn<std::uint8_t>& labels, const py::object& validation_inputs,
           const ArrayIn<std::uint8_t>& validation_labels, const py::dict& description, int threads,
           const py::object& on_epoch) {
  const GivenExamples examples(inputs, labels, network.inputs(), "the training set");
  const GivenExamples validation(validation_inputs, validation_labels, network.inputs(),
                                 "the validation set");
  const auto training = to_training(description);
  if (!state.weights.empty()) {
    state.weights.assign(network.parameters().begin(), network.parameters().end());
    state.statistics.assign(network.statistics().begin(), network.statistics().end());
  }
  Interruptible interruptible;
  SeldomInterrupted interrupted(interruptible);
  bool callback_raised = false;
  TrainingHooks hooks;
  hooks.stop = [&] { return callback_raised || interrupted(); };
  if (!on_epoch.is_none()) {
    hooks.epoch = [&](const EpochRecord& record, const TrainingState&) {
      callback_raised = !interruptible.call([&] { on_epoch(to_tuple(record)); });
    };
  }
  interruptible.run(
      [&] { fit(network, examples.get(), validation.get(), training, threads, state, hooks); });
}

/// Everything of a state but its history, as arrays and numbers by name.
py::dict arrays_of(const TrainingState& state) {
  py::dict arrays;
  const std::vector<std::int64_t> position{state.epoch, state.batch, state.optimiser.updates,
                                           static_cast<std::int64_t>(state.sum.correct)};
  const std::vector<double> sums{state.sum.loss, state.sum.penalty};
  arrays["position"] = moved(std::vector<std::int64_t>(position));
  arrays["sums"] = moved(std::vector<double>(sums));
  arrays["first_moment"] = moved(std::vector<float>(state.optimiser.first));
  arrays["second_moment"] = moved(std::vector<float>(state.optimiser.second));
  arrays["best_epoch"] = moved(std::vector<std::int64_t>{state.best_epoch});
  arrays["best_loss"] = moved(std::vector<double>{state.best_loss});
  arrays["best_weights"] = moved(std::vector<float>(state.best_weights));
  arrays["best_statistics"] = moved(std::vector<float>(state.best_statistics));
  return arrays;
}

EpochRecord to_record(const std::vector<double>& row) {
  EpochRecord record{.epoch = static_cast<std::int64_t>(row.at(0)),
                     .learning_rate = row.at(1),
                     .loss = row.at(2),
                     .penalty = row.at(3),
                     .accuracy = row.at(4),
                     .validation = std::nullopt,
                     .seconds = row.at(7)};
  if (row.at(6) == row.at(6)) {
    record.validation = Evaluation{.loss = row.at(5), .accuracy = row.at(6), .rates = {}};
  }
  return record;
}

std::unique_ptr<TrainingState> state_from(const py::dict& arrays,
                                          const std::vector<std::vector<double>>& rows,
                                          const Sequential<float>& network) {
  const auto position = copied(py::cast<ArrayIn<std::int64_t>>(arrays["position"]));
  const auto sums = copied(py::cast<ArrayIn<double>>(arrays["sums"]));
  auto state = std::make_unique<TrainingState>();
  state->epoch = position.at(0);
  state->batch = position.at(1);
  state->sum = {sums.at(0), sums.at(1), static_cast<std::size_t>(position.at(3))};
  state->weights.assign(network.parameters().begin(), network.parameters().end());
  state->statistics.assign(network.statistics().begin(), network.statistics().end());
  state->optimiser = {position.at(2), copied(py::cast<ArrayIn<float>>(arrays["first_moment"])),
                      copied(py::cast<ArrayIn<float>>(arrays["second_moment"]))};
  state->best_epoch = copied(py::cast<ArrayIn<std::int64_t>>(arrays["best_epoch"])).at(0);
  state->best_loss = copied(py::cast<ArrayIn<double>>(arrays["best_loss"])).at(0);
  state->best_weights = copied(py::cast<ArrayIn<float>>(arrays["best_weights"]));
  state->best_statistics = copied(py::cast<ArrayIn<float>>(arrays["best_statistics"]));
  for (const auto& row : rows) state->history.push_back(to_record(row));
  return state;
}

}  // namespace

py::tuple to_tuple(const EpochRecord& record) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  return py::make_tuple(record.epoch, record.learning_rate, record.loss, record.penalty,
                        record.accuracy, record.validation ? record.validation->loss : nan,
                        record.validation ? record.validation->accuracy : nan, record.seconds);
}

void bind_training(py::module_& module) {
  py::class_<TrainingState>(module, "TrainingState")
      .def(py::init<>())
      .def(py::init(&state_from))
      .def_readonly("epoch", &TrainingState::epoch)
      .def_readonly("batch", &TrainingState::batch)
      .def("history", &history)
      .def("arrays", &arrays_of);
  module.def("train", &train);
}

}  // namespace ranvier::bindings
