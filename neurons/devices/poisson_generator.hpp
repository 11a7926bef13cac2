#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/stimulus.hpp"
#include "neurons/devices/active_interval.hpp"

namespace ranvier {

/// Poisson spike trains, an independent one for each target.
///
/// On the grid the number of spikes that arrive with a step of length h is Poisson distributed with
/// mean rate h, drawn by (target, step). In continuous time the gaps between spikes are exponential
/// with mean 1/rate, drawn by (target, ordinal).
///
/// Source: Devroye 1986, Non-Uniform Random Variate Generation, chapters II.2 (inversion) and VI.1.
class PoissonGenerator final : public Stimulus {
 public:
  static constexpr ModelInfo info{"poisson_generator",
                                  "independent Poisson spike trains, one for each target", "",
                                  "Devroye 1986, Non-Uniform Random Variate Generation"};
  static constexpr std::string_view default_port{};

  struct Parameters : ActiveInterval {
    double rate = 0.0;
    double weight = 1.0;

    static std::vector<Field<Parameters>> fields() {
      auto fields = active_interval_fields<Parameters>();
      fields.push_back(
          real("rate", &Parameters::rate, "Hz", non_negative, "mean rate of each train"));
      fields.push_back(real("weight", &Parameters::weight, "", any_real,
                            "weight of a spike, in the unit of the port"));
      return fields;
    }
  };

  /// Throws InvalidValue where `stop` comes before `start`.
  PoissonGenerator(const Parameters& p, const StimulusSetup& setup)
      : p_(p),
        random_(setup.random),
        active_(p, setup.grid),
        mean_(p.rate * 1e-3 * setup.grid.resolution()) {
    p.validate(setup.where);
    if (mean_ < longest_inversion) tabulate();
  }

  double amount(NeuronId target, Step step) const override {
    return active_.contains(step) ? p_.weight * static_cast<double>(count(target, step)) : 0.0;
  }

  Step next_step(NeuronId target, Step after, Step last) const override {
    if (mean_ == 0.0) return last + 1;
    const Step end = std::min(last, active_.last);
    for (Step step = std::max(after, active_.after) + 1; step <= end; ++step) {
      if (count(target, step) > 0) return step;
    }
    return last + 1;
  }

  Arrival next(NeuronId target, const Arrival& previous) const override {
    if (p_.rate == 0.0) return {};
    const double gap = random_.at(target, previous.ordinal).exponential() * 1e3 / p_.rate;
    const double time = std::max(previous.time, p_.start) + gap;
    if (time > p_.stop) return {};
    return {time, p_.weight, previous.ordinal + 1};
  }

  void deliver(Step step, NeuronRange targets, double* arrived) const override {
    if (mean_ == 0.0 || !active_.contains(step)) return;
    if (mean_ >= longest_inversion) {
      Stimulus::deliver(step, targets, arrived);
      return;
    }
    for (NeuronId i = targets.begin; i < targets.end;) {
      auto draws = random_.at(i / 2, static_cast<std::uint64_t>(step));
      const NeuronId end = std::min(targets.end, (i / 2 + 1) * 2);
      if (i % 2 == 1) draws.uniform();
      for (; i < end; ++i) arrived[i] += p_.weight * static_cast<double>(inverted(draws.uniform()));
    }
  }

 private:
  /// Above this mean a search through the distribution takes longer than rejection.
  static constexpr double longest_inversion = 10.0;

  /// Spikes of a target in a step. A block of random bits makes two uniform numbers, so neighbouring
  /// targets share one.
  std::uint64_t count(NeuronId target, Step step) const {
    const auto index = static_cast<std::uint64_t>(step);
    if (mean_ >= longest_inversion) return random_.at(target, index).poisson(mean_);
    auto draws = random_.at(target / 2, index);
    if (target % 2 == 1) draws.uniform();
    return inverted(draws.uniform());
  }

  /// The k with P(N < k) <= u < P(N <= k).
  std::uint64_t inverted(double u) const {
    std::uint64_t k = 0;
    while (k < cumulative_.size() && u >= cumulative_[k]) ++k;
    return k;
  }

  /// P(N <= k) up to where what is left is below the spacing of uniform numbers.
  void tabulate() {
    double p = std::exp(-mean_);
    double sum = p;
    for (int k = 1; k <= mean_ || p > 1e-17; ++k) {
      cumulative_.push_back(sum);
      p *= mean_ / k;
      sum += p;
    }
  }

  Parameters p_;
  RandomStream random_;
  ActiveSteps active_;
  double mean_;  ///< spikes per step
  std::vector<double> cumulative_;
};

RANVIER_STIMULUS(PoissonGenerator)

}  // namespace ranvier
