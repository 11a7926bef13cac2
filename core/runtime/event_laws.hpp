#pragma once

/// How a single neuron of the `event` runtime moves and when it fires next: the laws of a model for
/// the parameters of a population.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "core/neuron_model.hpp"
#include "core/population.hpp"
#include "core/runtime/crossing.hpp"
#include "core/runtime/event_dynamics.hpp"
#include "core/runtime/law_table.hpp"

namespace ranvier {

/// A look at the laws of a population, all of whose neurons share their parameters or each of which
/// has its own: told apart once for a loop, not for every neuron. What a touch calls is inlined by
/// order: a neuron would otherwise go through memory at every call.
template <class M, bool shared>
class EventLawView {
 public:
  using State = typename M::template State<double>;
  using Law = typename M::template Law<double>;
  using Parameters = typename M::Parameters;
  static constexpr bool is_shared = shared;

  EventLawView(const Parameters* parameters, const Law* still, const CeilingOf<M>* ceilings,
               std::span<const Law> table, EventTime time)
      : parameters_(parameters), still_(still), ceilings_(ceilings), table_(table), time_(time) {}

  const Parameters& parameters(NeuronId i) const { return parameters_[place(i)]; }
  /// The law over no time: jumps, threshold and reset.
  const Law& still(NeuronId i) const { return still_[place(i)]; }
  const CeilingOf<M>& ceiling(NeuronId i) const { return ceilings_[place(i)]; }
  bool on_grid() const { return time_.on_grid; }

  /// Ticks that `next_firing` looks at one by one before it seeks a crossing.
  static constexpr std::size_t most_looked_at = 8;

  /// Laws over 0, 1, 2, ... ticks that were made beforehand.
  std::span<const Law> table() const { return table_; }
  /// The law over so many ticks, or nothing where it was not.
  const Law* find(double ticks) const {
    const auto index = static_cast<std::size_t>(ticks);
    return index < table_.size() ? table_.data() + index : nullptr;
  }

  double refractory_ticks(NeuronId i) const {
    return time_.ticks(M::refractory_period(parameters(i)));
  }

  /// The state at `now` of neuron i: held while refractory, flowing after.
  template <class Neuron>
  [[gnu::always_inline]] State advanced(NeuronId i, const Neuron& neuron, double now) const {
    auto state = neuron.state;
    double from = neuron.touched;
    const double held_until = std::min(now, neuron.refractory_until());
    if (held_until > from) {
      with_law(i, held_until - from, [&](const Law& law) { law.hold(state); });
      from = held_until;
    }
    if (now > from) with_law(i, now - from, [&](const Law& law) { law.flow(state); });
    return state;
  }

  /// When neuron i fires next if nothing arrives, in ticks; infinity where it will not.
  template <class Neuron>
  [[gnu::always_inline]] double next_firing(NeuronId i, const Neuron& neuron) const {
    const double free = std::max(neuron.touched, neuron.refractory_until());
    const auto state = free > neuron.touched ? advanced(i, neuron, free) : neuron.state;
    if constexpr (HasCeiling<M>) {
      if (ceiling(i).highest_excess(state) < 0.0) return never;
    }
    if (time_.on_grid) return first_tick(i, free, state);
    return free + next_crossing<M>(parameters(i), state, still(i).excess(state)) / time_.tick;
  }

 private:
  static std::size_t place(NeuronId i) { return shared ? 0 : i; }

  /// Calls `use` with the law of neuron i over `ticks`.
  template <class Use>
  [[gnu::always_inline]] void with_law(NeuronId i, double ticks, Use&& use) const {
    if (const auto* law = find(ticks)) {
      use(*law);
    } else {
      use(Law(parameters(i), time_.ms(ticks)));
    }
  }

  State flowed_for(NeuronId i, State state, double ticks) const {
    if (ticks > 0.0) with_law(i, ticks, [&](const Law& law) { law.flow(state); });
    return state;
  }

  /// First tick after `free` at which the excess is not negative. The next few are looked at one by
  /// one, which takes less than a crossing; then the crossing in continuous time tells where to look;
  /// a state that has dipped below again at the tick goes on from there.
  [[gnu::always_inline]] double first_tick(NeuronId i, double free, const State& at_free) const {
    std::size_t looked_at = 0;
    while (looked_at < most_looked_at && looked_at + look < table_.size()) {
      if (const auto fires = firing_ticks(i, at_free, looked_at + 1)) {
        return free + static_cast<double>(looked_at + 1 + std::countr_zero(fires));
      }
      looked_at += look;
    }
    return tick_of_crossing(i, free, at_free, static_cast<double>(looked_at));
  }

  /// The same after so many ticks without.
  [[gnu::noinline]] double tick_of_crossing(NeuronId i, double free, State at_free,
                                            double tick) const {
    for (;;) {
      const auto state = flowed_for(i, at_free, tick);
      const double crossing = next_crossing<M>(parameters(i), state, still(i).excess(state));
      if (!(crossing < never)) return never;
      // A crossing that rounding puts just after a tick may belong to that tick.
      tick += std::max(1.0, std::ceil(crossing / time_.tick - 1e-6));
      if (still(i).excess(flowed_for(i, at_free, tick)) >= 0.0) return free + tick;
    }
  }

  /// Ticks that are looked at together, without a branch.
  static constexpr std::size_t look = 4;
  static_assert(most_looked_at % look == 0);

  /// A bit for each of the ticks from `first` on at which the excess is not negative.
  [[gnu::always_inline]] unsigned firing_ticks(NeuronId i, const State& at_free,
                                               std::size_t first) const {
    unsigned fires = 0;
    for (std::size_t k = 0; k < look; ++k) {
      auto state = at_free;
      table_[first + k].flow(state);
      fires |= static_cast<unsigned>(still(i).excess(state) >= 0.0) << k;
    }
    return fires;
  }

  const Parameters* parameters_;
  const Law* still_;
  const CeilingOf<M>* ceilings_;
  std::span<const Law> table_;
  EventTime time_;
};

template <class M>
class EventLaws {
  using Law = typename M::template Law<double>;
  using Parameters = typename M::Parameters;

 public:
  /// One set of parameters, or one for each neuron.
  EventLaws(std::vector<Parameters> parameters, EventTime time)
      : parameters_(std::move(parameters)), time_(time) {
    still_.reserve(parameters_.size());
    for (const auto& p : parameters_) still_.emplace_back(p, 0.0);
    if constexpr (HasCeiling<M>) {
      ceilings_.reserve(parameters_.size());
      for (const auto& p : parameters_) ceilings_.emplace_back(p);
    }
    if (time_.on_grid && parameters_.size() == 1) table_ = LawTable<M>(parameters_[0], time_.tick);
  }

  const std::vector<Parameters>& parameters() const { return parameters_; }

  /// Calls `use` with the view that fits.
  template <class Use>
  decltype(auto) with_view(Use&& use) const {
    return parameters_.size() == 1 ? use(view<true>()) : use(view<false>());
  }

 private:
  template <bool shared>
  EventLawView<M, shared> view() const {
    return {parameters_.data(), still_.data(), ceilings_.data(), table_.laws(), time_};
  }

  std::vector<Parameters> parameters_;
  std::vector<Law> still_;              ///< of each of them
  std::vector<CeilingOf<M>> ceilings_;  ///< likewise, where the model has one
  EventTime time_;
  LawTable<M> table_;  ///< on the grid, where all neurons share their parameters
};

}  // namespace ranvier
