#pragma once

/// One deployed circuit being shown one sample after another.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/simulation.hpp"
#include "networks/column_map.hpp"
#include "networks/inference.hpp"

namespace ranvier {

/// A layer that a constant current reaches.
struct CurrentInput {
  std::string layer;
  ColumnMap map;
  std::vector<double> rest;     ///< what its neurons start from without input
  std::vector<double> start{};  ///< with the present one
};

class Presenter {
 public:
  /// Throws as `require_deployable` and `deployed` do.
  Presenter(const TrainedNetwork& network, const InferenceOptions& options);

  /// Back to rest, with sample `i` as input.
  void show(const Examples& examples, std::size_t i);

  /// Back to rest, with the values [D] as input. `index` is their place in the data set.
  void show(std::span<const float> sample, std::uint32_t index);

  /// Runs one more step and notes the output.
  void advance();

  /// Class scores [K] after the steps run so far, as the readout defines them.
  std::span<const double> scores();

  /// Runs to the end of the window and calls `look(steps since the start, scores of the present
  /// output)` at each output event; true ends the run.
  void run_on_events(const std::function<bool(double, std::span<const double>)>& look);

  /// Scores of the present output alone; for a readout that remembers nothing.
  std::span<const double> present_scores();

  std::size_t step() const noexcept { return step_; }
  const Simulation& simulation() const noexcept { return simulation_; }

 private:
  /// Encodes what `values_` and `events_` hold.
  void present(std::uint32_t index);
  void set_current(std::span<const double> input);
  void set_spikes(std::span<const double> activity);
  /// Output of the last layer: its spikes of the last step, or its membrane potential.
  void append_output(std::vector<double>& outputs);
  std::span<const double> scores_of(std::span<const double> outputs);

  const TrainedNetwork& network_;
  InferenceOptions options_;
  std::unique_ptr<Encoding<double>> encoding_;
  std::unique_ptr<Loss<double>> readout_;
  Simulation simulation_;
  std::vector<CurrentInput> currents_;  ///< where the input is a constant current
  std::string output_;
  std::size_t classes_;
  bool output_spikes_;
  std::size_t step_ = 0;
  std::size_t output_spikes_seen_ = 0;
  std::vector<float> sample_;
  std::vector<EventList> events_;  ///< one, where samples are events
  std::vector<double> values_, activity_, outputs_, scores_;
};

/// Checks that the deployed circuit can be given what the network's encoding makes: a relay spikes
/// once at a time, so the activity of an input in a step must be 0 or 1. Throws Unsupported.
void require_deployable(const SequentialDescription& network);

/// The runtime's options for inference with a network trained at `step` ms.
SimulationOptions simulation_options(const TrainedNetwork& network,
                                     const InferenceOptions& options);

}  // namespace ranvier
