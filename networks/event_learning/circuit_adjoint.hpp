#pragma once

/// The way back: the gradient of a loss of spike times by the weights of a circuit, exact, from the
/// spikes of one sample alone. Nothing is stepped: the adjoint variables move when the spikes,
/// arrivals and ends of refractoriness of the way forward are met in reverse.
///
/// Source: T. C. Wunderlich & C. Pehle 2021, Sci. Rep. 11:12829 (EventProp); with delays, refractory
/// periods and NEST's units as derived in docs/event_gradients.md.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "networks/event_learning/circuit_runner.hpp"
#include "networks/event_learning/event_circuit.hpp"

namespace ranvier {

/// dL/dt per ms of every spike: [population][spike], in the order of CircuitSpikes.
using SpikeTimeSlopes = std::vector<std::vector<double>>;

class CircuitAdjoint {
 public:
  /// Both are referred to, not copied. Throws as `validate` of a circuit does.
  CircuitAdjoint(const EventCircuit& circuit, std::span<const double> weights);

  /// Adds dL/dw to `gradient`, per pA, laid out as the weights. `slopes` says how the loss depends
  /// on each spike's time by itself; on return it holds the whole derivative, through all spikes
  /// that follow. A spike that only touches the threshold has no derivative and passes none on.
  void pull_back(const CircuitSpikes& spikes, SpikeTimeSlopes& slopes, std::span<double> gradient);

 private:
  /// What happens to one neuron or, for arrivals, to a population; in the order of simultaneity.
  enum class Kind : std::uint8_t { release, arrival, spike };

  struct Happening {
    double time;
    std::uint32_t level;
    Kind kind;
    std::uint32_t owner;   ///< population; of an arrival, the projection
    std::uint32_t neuron;  ///< that fires or fired
    std::uint32_t spike;   ///< its place in the train
  };

  /// Slopes of the membrane at a spike, mV/ms.
  struct SpikeSlopes {
    double before = 0.0;  ///< as it reaches the threshold
    double after = 0.0;   ///< as it leaves the reset; 0 where that lies beyond the window
  };

  struct Population {
    IafPscExp::Parameters parameters;
    std::uint32_t level;
    std::vector<double> I, lambda_V, lambda_I;  ///< by neuron
    double moved = 0.0;                         ///< ms: when they were moved last
    std::vector<SpikeSlopes> spikes;
  };

  void list_happenings(const CircuitSpikes& spikes);
  const SpikeTrain& source_train(const CircuitSpikes& spikes, std::size_t projection) const;

  void find_slopes(const CircuitSpikes& spikes);
  static void let_decay(Population& population, double time);
  void arrive(const Happening& arrival);

  static void go_back(Population& population, double time);
  void leave(const Happening& arrival, SpikeTimeSlopes& slopes, std::span<double> gradient);
  void unrelease(const Happening& release, SpikeTimeSlopes& slopes);
  void unfire(const Happening& spike, SpikeTimeSlopes& slopes);

  const EventCircuit& circuit_;
  std::span<const double> weights_;
  std::vector<std::size_t> offsets_;
  std::vector<Population> populations_;
  std::vector<Happening> happenings_;
};

}  // namespace ranvier
