#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/stimulus.hpp"
#include "neurons/devices/active_interval.hpp"

namespace ranvier {

/// Replays given spike times, a list for each target.
///
/// A spike at time t arrives at t. On the grid it arrives at the end of the step in which t lies,
/// and at time zero with the first step. Times may come in any order; equal times of one target
/// arrive as one event of their summed weight.
class SpikeGenerator final : public BlockStimulus<SpikeGenerator> {
 public:
  static constexpr ModelInfo info{"spike_generator", "replays given spike times, a list per target",
                                  "", "NEST's spike_generator"};
  static constexpr std::string_view default_port{};
  static constexpr bool takes_spike_times = true;

  struct Parameters {
    double weight = 1.0;

    static std::vector<Field<Parameters>> fields() {
      return {real("weight", &Parameters::weight, "", any_real,
                   "weight of a spike, in the unit of the port")};
    }
  };

  /// Throws InvalidValue for a time that is negative or not finite.
  SpikeGenerator(const Parameters& p, const StimulusSetup& setup)
      : weight_(p.weight), exact_(setup.targets), on_grid_(setup.targets) {
    for (std::size_t target = 0; target < setup.spike_times.size(); ++target) {
      auto times = setup.spike_times[target];
      check(times, target, setup.where);
      std::ranges::sort(times);
      for (const double time : times) {
        count(exact_[target], time);
        count(on_grid_[target], std::max<Step>(1, reachable_step(setup.grid, time)));
      }
    }
    index_by_step();
  }

  double amount(NeuronId target, Step step) const override {
    const auto found = first_at_or_after(on_grid_[target], step);
    return found != on_grid_[target].end() && found->when == step ? weight_ * found->spikes : 0.0;
  }

  Step next_step(NeuronId target, Step after, Step last) const override {
    const auto found = first_at_or_after(on_grid_[target], after + 1);
    return found != on_grid_[target].end() && found->when <= last ? found->when : last + 1;
  }

  Arrival next(NeuronId target, const Arrival& previous) const override {
    const auto& spikes = exact_[target];
    if (previous.ordinal >= spikes.size()) return {};
    const auto& spike = spikes[previous.ordinal];
    return {spike.when, weight_ * spike.spikes, previous.ordinal + 1};
  }

  template <class Real>
  void add(Step step, NeuronRange targets, Real* arrived) const {
    const auto before = [](const Delivery& a, const std::pair<Step, NeuronId>& b) {
      return std::pair(a.step, a.target) < b;
    };
    auto delivery =
        std::lower_bound(by_step_.begin(), by_step_.end(), std::pair(step, targets.begin), before);
    for (; delivery != by_step_.end() && delivery->step == step && delivery->target < targets.end;
         ++delivery) {
      arrived[delivery->target - targets.begin] += static_cast<Real>(weight_ * delivery->spikes);
    }
  }

 private:
  /// Spikes of one target at one time.
  template <class Time>
  struct Volley {
    Time when;
    double spikes;
  };

  struct Delivery {
    Step step;
    NeuronId target;
    double spikes;
  };

  static void check(const std::vector<double>& times, std::size_t target, std::string_view where) {
    for (const double time : times) {
      if (time >= 0.0 && std::isfinite(time)) continue;
      throw InvalidValue(fmt::format(
          "a spike time of {} for its target {} is {} ms; expected a time of at least 0 ms", where,
          target, time));
    }
  }

  template <class Time>
  static void count(std::vector<Volley<Time>>& volleys, Time when) {
    if (volleys.empty() || volleys.back().when != when) volleys.push_back({when, 0.0});
    volleys.back().spikes += 1.0;
  }

  static std::vector<Volley<Step>>::const_iterator first_at_or_after(
      const std::vector<Volley<Step>>& volleys, Step step) {
    return std::ranges::lower_bound(volleys, step, {}, &Volley<Step>::when);
  }

  void index_by_step() {
    for (std::size_t target = 0; target < on_grid_.size(); ++target) {
      for (const auto& volley : on_grid_[target]) {
        by_step_.push_back({volley.when, static_cast<NeuronId>(target), volley.spikes});
      }
    }
    std::ranges::sort(by_step_, {}, [](const Delivery& d) { return std::pair(d.step, d.target); });
  }

  double weight_;
  std::vector<std::vector<Volley<double>>> exact_;  ///< per target, in order of time
  std::vector<std::vector<Volley<Step>>> on_grid_;  ///< the same on the grid
  std::vector<Delivery> by_step_;                   ///< the same of all targets by (step, target)
};

RANVIER_STIMULUS(SpikeGenerator)

}  // namespace ranvier
