#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/stimulus.hpp"
#include "neurons/devices/active_interval.hpp"
#include "neurons/devices/count_table.hpp"

namespace ranvier {

/// Poisson spike trains, an independent one for each target.
///
/// On the grid the number of spikes that arrive with a step of length h is Poisson distributed with
/// mean rate h, drawn by (target, step): by inversion where the mean is small, one random word a
/// target and a vectorised search, by rejection else. In continuous time the gaps between spikes are exponential
/// with mean 1/rate, drawn by (target, ordinal).
///
/// Source: Devroye 1986, Non-Uniform Random Variate Generation, chapters II.2 (inversion) and VI.1.
class PoissonGenerator final : public BlockStimulus<PoissonGenerator> {
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
    if (mean_ < CountTable::largest_mean) table_ = CountTable(mean_);
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

  template <class Real>
  void add(Step step, NeuronRange targets, Real* arrived) const {
    if (mean_ == 0.0 || !active_.contains(step)) return;
    if (mean_ >= CountTable::largest_mean) {
      add_amounts(step, targets, arrived);
      return;
    }
    const auto weight = static_cast<Real>(p_.weight);
    for (NeuronId first = targets.begin / pair * pair; first < targets.end; first += pair) {
      const auto counts = counts_of_pair(first, step);
      const auto begin = std::max(first, targets.begin), end = std::min(first + pair, targets.end);
      const auto* count = counts.data() + (begin - first);
      auto* sum = arrived + (begin - targets.begin);
      for (NeuronId k = 0; k < end - begin; ++k) sum[k] += weight * static_cast<Real>(count[k]);
    }
  }

 private:
  /// Targets that are drawn together. The words of 16 blocks go to 64 targets: target 16 w + k of a
  /// group has word w of block k, so that vectors need no reordering.
  static constexpr NeuronId lanes = 16;
  static constexpr NeuronId group = 4 * lanes;
  static constexpr NeuronId pair = 2 * group;

  static std::uint32_t block_of(NeuronId target) { return target / group * lanes + target % lanes; }

  /// Spikes of a target in a step.
  std::uint64_t count(NeuronId target, Step step) const {
    const auto index = static_cast<std::uint64_t>(step);
    if (mean_ >= CountTable::largest_mean) return random_.at(target, index).poisson(mean_);
    // The next block holds the lower halves, which are hardly ever asked for.
    auto draws = random_.at(block_of(target), index);
    const auto word = target % group / lanes;
    PhiloxBlock high, low;
    for (auto& bits : high) bits = draws.bits();
    if (!table_.is_undecided(high[word])) return table_.count(high[word]);
    for (auto& bits : low) bits = draws.bits();
    return table_.count(high[word], low[word]);
  }

  /// Spikes of the targets of two groups: a generator of random words is a chain of operations that
  /// wait for each other, and two keep the processor busy.
  std::array<std::int32_t, pair> counts_of_pair(NeuronId first, Step step) const {
    const auto words = random_.blocks<2 * lanes>(block_of(first), static_cast<std::uint64_t>(step));
    const auto found = table_.search(words);
    std::array<std::int32_t, pair> counts;
    for (std::size_t part = 0; part < pair / lanes; ++part) {
      const auto word = part / 2, in_pair = part % 2;
      std::copy_n(found.count.begin() + part * lanes, lanes,
                  counts.begin() + in_pair * group + word * lanes);
    }
    if (found.undecided) {
      for (NeuronId i = 0; i < pair; ++i) {
        counts[i] = static_cast<std::int32_t>(count(first + i, step));
      }
    }
    return counts;
  }

  Parameters p_;
  RandomStream random_;
  ActiveSteps active_;
  double mean_;  ///< spikes per step
  CountTable table_;
};

RANVIER_STIMULUS(PoissonGenerator)

}  // namespace ranvier
