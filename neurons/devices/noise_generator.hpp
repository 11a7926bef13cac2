#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "core/stimulus.hpp"
#include "neurons/devices/active_interval.hpp"

namespace ranvier {

/// Gaussian noise current, piecewise constant, independent for each target.
///
///     I(t) = mean + std z_k      for t in [start + k dt, start + (k + 1) dt), up to stop
///
/// with z_k standard normal, drawn by (target, k). The current reaches a target as jumps, each the
/// difference of two values. Values are rounded to 40 bits, to 20 in single precision, so that the
/// sum of the jumps is exact for ever: it is I(t), and zero after `stop`. On the grid the value of an interval comes on with
/// the step in which the interval begins, at the earliest with the first.
///
/// Source: the current of NEST's noise_generator.
class NoiseGenerator final : public BlockStimulus<NoiseGenerator> {
 public:
  static constexpr ModelInfo info{
      "noise_generator", "piecewise constant Gaussian noise current for each target",
      "I(t) = mean + std z_k for t in [start + k dt, start + (k+1) dt)", "NEST's noise_generator"};
  static constexpr std::string_view default_port = "current";

  struct Parameters : ActiveInterval {
    double mean = 0.0;
    double std_dev = 0.0;
    double dt = 1.0;

    static std::vector<Field<Parameters>> fields() {
      auto fields = active_interval_fields<Parameters>();
      fields.push_back(real("mean", &Parameters::mean, "", any_real,
                            "mean of the current, in the unit of the port"));
      fields.push_back(real("std", &Parameters::std_dev, "", non_negative,
                            "standard deviation of the current, in the unit of the port"));
      fields.push_back(real("dt", &Parameters::dt, "ms", positive, "duration of one value"));
      return fields;
    }
  };

  /// Throws InvalidValue where `stop` comes before `start`.
  NoiseGenerator(const Parameters& p, const StimulusSetup& setup)
      : p_(p), random_(setup.random), grid_(setup.grid) {
    p.validate(setup.where);
    const double largest = std::abs(p.mean) + 8.0 * p.std_dev;
    const int kept = std::min(40, setup.digits - 4);  // room for the sum of several devices
    quantum_ = largest > 0.0 ? std::ldexp(1.0, std::ilogb(largest) - kept) : 1.0;
    off_ = std::max<Step>(1, reachable_step(grid_, p.stop));
    values_ = std::ceil((p.stop - p.start) / p.dt - 1e-9);
  }

  double amount(NeuronId target, Step step) const override {
    const auto before = value_at(step - 1);
    const auto now = value_at(step);
    return now == before ? 0.0 : jump(target, before, now);
  }

  Step next_step(NeuronId /*target*/, Step after, Step last) const override {
    Step next = off_ > after ? off_ : last + 1;
    if (after < off_) {
      const auto k = value_at(after);
      next = std::min(next, begins(k == none ? 0.0 : static_cast<double>(k) + 1.0));
    }
    return std::min(next, last + 1);
  }

  Arrival next(NeuronId target, const Arrival& previous) const override {
    const auto k = static_cast<std::int64_t>(previous.ordinal);
    const auto edge = static_cast<double>(k);
    if (edge > values_ || values_ == 0.0) return {};
    const bool ends = edge == values_;
    const double time = ends ? p_.stop : p_.start + edge * p_.dt;
    const double change = (ends ? 0.0 : value(target, k)) - (k == 0 ? 0.0 : value(target, k - 1));
    return {time, change, previous.ordinal + 1};
  }

  template <class Real>
  void add(Step step, NeuronRange targets, Real* arrived) const {
    const auto before = value_at(step - 1);
    const auto now = value_at(step);
    if (now == before) return;
    for (std::size_t k = 0; k < targets.size(); ++k) {
      const auto target = targets.begin + static_cast<NeuronId>(k);
      arrived[k] += static_cast<Real>(jump(target, before, now));
    }
  }

 private:
  static constexpr std::int64_t none = -1;

  /// The value k of a target; zero while the device is off.
  double value(NeuronId target, std::int64_t k) const {
    if (k == none) return 0.0;
    const double z = random_.at(target, static_cast<std::uint64_t>(k)).normal();
    return std::nearbyint((p_.mean + p_.std_dev * z) / quantum_) * quantum_;
  }

  double jump(NeuronId target, std::int64_t before, std::int64_t now) const {
    return value(target, now) - value(target, before);
  }

  /// On the grid: the step with which value k comes on.
  Step begins(double k) const {
    return std::max<Step>(1, reachable_step(grid_, p_.start + k * p_.dt));
  }

  /// On the grid: which value is on after a step; none before the first step.
  std::int64_t value_at(Step step) const {
    if (step < begins(0.0) || step >= off_) return none;
    auto k = std::floor((grid_.ms(step) - p_.start) / p_.dt);
    while (begins(k + 1.0) <= step) k += 1.0;
    while (begins(k) > step) k -= 1.0;
    return static_cast<std::int64_t>(std::min(k, values_ - 1.0));
  }

  Parameters p_;
  RandomStream random_;
  TimeGrid grid_;
  double quantum_;
  double values_;  ///< how many there are; infinity without a stop
  Step off_;
};

RANVIER_STIMULUS(NoiseGenerator)

}  // namespace ranvier
