#pragma once

/// A stimulus device: what it adds to a port of each of its targets, and when. Everything is a pure
/// function of time and target, so a device has no state to save.

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/neuron_model.hpp"
#include "core/parameter.hpp"
#include "core/plugin.hpp"
#include "core/population.hpp"
#include "core/random.hpp"
#include "core/registry.hpp"
#include "core/time_grid.hpp"

namespace ranvier {

/// Something that arrives at a target. `ordinal` counts the arrivals of one target.
struct Arrival {
  double time = std::numeric_limits<double>::infinity();  ///< ms
  double amount = 0.0;
  std::uint64_t ordinal = 0;
};

class Stimulus {
 public:
  virtual ~Stimulus() = default;

  /// On the grid: the sum of what arrives at `target` in the step that ends at `step`.
  virtual double amount(NeuronId target, Step step) const = 0;

  /// On the grid: the first step in (after, last] at which anything arrives, or last + 1.
  virtual Step next_step(NeuronId target, Step after, Step last) const {
    Step step = after + 1;
    while (step <= last && amount(target, step) == 0.0) ++step;
    return step;
  }

  /// In continuous time: the arrival after `previous`; with an ordinal of zero and time -infinity
  /// given, the first. Time infinity where there is none.
  virtual Arrival next(NeuronId target, const Arrival& previous) const = 0;

  /// On the grid: adds what arrives at each target of a range to `arrived`, which begins with the
  /// first of the range. A device that has a faster way is a BlockStimulus.
  virtual void deliver(Step step, NeuronRange targets, float* arrived) const {
    add_amounts(step, targets, arrived);
  }
  virtual void deliver(Step step, NeuronRange targets, double* arrived) const {
    add_amounts(step, targets, arrived);
  }

 protected:
  template <class Real>
  void add_amounts(Step step, NeuronRange targets, Real* arrived) const {
    for (std::size_t k = 0; k < targets.size(); ++k) {
      arrived[k] += static_cast<Real>(amount(targets.begin + static_cast<NeuronId>(k), step));
    }
  }
};

/// A device that serves a range of targets at once: `Device::add<Real>(step, targets, arrived)` does
/// what `deliver` promises.
template <class Device>
class BlockStimulus : public Stimulus {
 public:
  void deliver(Step step, NeuronRange targets, float* arrived) const final {
    device().add(step, targets, arrived);
  }
  void deliver(Step step, NeuronRange targets, double* arrived) const final {
    device().add(step, targets, arrived);
  }

 private:
  friend Device;
  BlockStimulus() = default;

  const Device& device() const { return static_cast<const Device&>(*this); }
};

/// What a stimulus is made from.
struct StimulusSetup {
  ValueMap parameters;
  std::vector<std::vector<double>> spike_times;  ///< ms, per target; of devices that replay spikes
  std::size_t targets = 0;
  RandomStream random;
  TimeGrid grid;
  int digits = std::numeric_limits<double>::digits;  ///< bits of the sums that it adds to
  std::string where{};                               ///< for error messages
};

/// A stimulus as the registry holds it.
struct StimulusModel {
  std::string name{};
  std::string summary{};
  std::string source{};
  std::string default_port{};  ///< empty: by the sign of the weight, as for a projection
  std::vector<Parameter> parameters{};
  bool takes_spike_times = false;
  std::function<std::unique_ptr<Stimulus>(const StimulusSetup&)> make{};
};

Registry<StimulusModel>& stimulus_models();

template <class S>
StimulusModel describe_stimulus() {
  StimulusModel model{.name = std::string(S::info.name),
                      .summary = std::string(S::info.summary),
                      .source = std::string(S::info.source),
                      .default_port = std::string(S::default_port),
                      .parameters = parameters_of<typename S::Parameters>()};
  if constexpr (requires { S::takes_spike_times; }) model.takes_spike_times = S::takes_spike_times;
  model.make = [](const StimulusSetup& setup) -> std::unique_ptr<Stimulus> {
    return std::make_unique<S>(configured<typename S::Parameters>(setup.parameters, setup.where),
                               setup);
  };
  return model;
}

template <class S>
struct StimulusRegistration {
  StimulusRegistration() {
    register_or_note([] {
      auto model = describe_stimulus<S>();
      auto name = model.name;
      stimulus_models().add(std::move(name), std::move(model));
    });
  }
};

}  // namespace ranvier

/// The last line of a stimulus header; see RANVIER_NEURON.
#ifdef RANVIER_INSTANTIATE_MODELS
#define RANVIER_STIMULUS(Model)                  \
  namespace {                                    \
  const StimulusRegistration<Model> registered_; \
  }
#else
#define RANVIER_STIMULUS(Model) static_assert(std::is_base_of_v<Stimulus, Model>);
#endif
