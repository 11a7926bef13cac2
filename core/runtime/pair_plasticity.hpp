#pragma once

/// From a rule of pairs of spikes to the dynamics of a thread's plastic synapses.
///
/// A rule states how a weight changes with a spike of the target, given the pre trace x, and with a
/// spike of the source, given the post trace y. Traces decay exponentially and rise by 1 with every
/// spike: all pairs count. With `delay` dendritic, spikes of the target reach the synapse after the
/// delay and those of the source at once; with axonal, the other way round.
///
/// What happens at one synapse in one step: with dendritic delays the target's spike comes first, as
/// in NEST's stdp_synapse; with axonal ones the source's, which the target's may follow from. Either
/// way neither sees the other's trace.
///
/// Times here are those of the target: a spike of the source meets the spikes of the target up to
/// its emission less the delay (dendritic) or those before its arrival (axonal).

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/runtime/decay_table.hpp"
#include "core/runtime/plastic_dynamics.hpp"
#include "core/runtime/post_history.hpp"

namespace ranvier {

template <class Rule, class Real>
class PairPlasticity final : public PlasticDynamics<Real> {
 public:
  using Parameters = typename Rule::Parameters;

  PairPlasticity(const Parameters& parameters, std::size_t sources, std::size_t targets,
                 const TimeGrid& grid)
      : law_(parameters),
        axonal_(parameters.delay == 1),
        pre_decay_(parameters.tau_plus, grid.resolution(), "tau_plus"),
        post_decay_(parameters.tau_minus, grid.resolution(), "tau_minus"),
        sources_(sources),
        history_(targets),
        traces_(targets) {}

  void reset() override {
    std::ranges::fill(sources_, Source{});
    history_.clear();
    settled_ = 0;
    forget_traces();
  }

  PreSpike emit(NeuronId source, Step step) override {
    auto& [last, before] = sources_[source];
    const PreSpike spike{.emitted = step, .previous = last, .before = before};
    before = (before + Real{1}) * pre_decay_(step - last);
    last = step;
    return spike;
  }

  void fire(std::span<const NeuronId> neurons, NeuronId first, Step step,
            std::size_t longest) override {
    for (const auto neuron : neurons) {
      history_.add(neuron - first, step, settled_limit(settled_, longest), post_decay_);
    }
  }

  void deliver(PackedRows& rows, const Piece& piece, const PreSpike& spike,
               Real* arrivals) override {
    const auto window = window_of(spike, piece.delay, meeting(spike.emitted, piece.delay));
    const auto met = history_.relative(meeting(spike.emitted, piece.delay));
    find_traces(met, piece.count);
    rows.with_plastic<Real>(
        piece.begin, [&](const auto* cells, Real* weights, std::size_t first_cell) {
          auto* cell = arrivals + first_cell;
          for (std::uint64_t begin = 0; begin < piece.count; begin += block) {
            const auto size = std::min<std::uint64_t>(block, piece.count - begin);
            meet(targets_of(cells + begin, size), weights + begin, size, window, met);
            for (std::uint64_t k = begin; k < begin + size; ++k) cell[cells[k]] += weights[k];
          }
        });
  }

  PreSpike latest(NeuronId source) const override {
    return {.emitted = no_emission,
            .previous = sources_[source].last,
            .before = sources_[source].before};
  }

  void settle(const PackedRows& rows, const Piece& piece, const PreSpike& next, Step step,
              Real* weights) const override {
    // The earliest meeting that can still come is the step after.
    const auto window =
        window_of(next, piece.delay, settled_limit(step, piece.delay) + (axonal_ ? 1 : 0));
    rows.with_cells(piece.begin, [&](const auto* cells) {
      for (std::uint64_t begin = 0; begin < piece.count; begin += block) {
        const auto size = std::min<std::uint64_t>(block, piece.count - begin);
        potentiate(targets_of(cells + begin, size), weights + begin, size, window);
      }
    });
  }

  void set_settled(Step step, std::size_t longest) override {
    settled_ = step;
    history_.trim(settled_limit(step, longest), step);
    forget_traces();
  }
  Step settled() const override { return settled_; }

  void rewind(NeuronId source, const PreSpike& spike) override {
    sources_[source] = {spike.previous, static_cast<Real>(spike.before)};
  }
  std::vector<PostSpike> history(NeuronId neuron) const override { return history_.spikes(neuron); }
  void set_history(NeuronId neuron, std::span<const PostSpike> newest_first) override {
    history_.set_spikes(neuron, newest_first);
    forget_traces();
  }

  std::size_t bytes() const override {
    return sources_.size() * sizeof(Source) + history_.bytes() + pre_decay_.bytes() +
           post_decay_.bytes();
  }

 private:
  struct Source {
    Step last = no_emission;
    Real before{};  ///< trace just before `last`
  };

  /// Spikes of the target in (after, until] have met the source's spike at `previous` and none since.
  struct Window {
    std::int32_t after, until, previous;
    Real at_previous;     ///< trace that a spike at `previous` itself sees
    Real since_previous;  ///< trace just after it
  };

  void forget_traces() { traces_met_ = asked_ = std::numeric_limits<std::int32_t>::min(); }

  Step meeting(Step emitted, std::size_t delay) const {
    return axonal_ ? emitted + static_cast<Step>(delay) : emitted - static_cast<Step>(delay);
  }

  /// Up to which spike of the target a weight is up to date once it has been settled up to `step`.
  Step settled_limit(Step step, std::size_t delay) const {
    return axonal_ ? step : step - 2 * static_cast<Step>(delay);
  }

  Window window_of(const PreSpike& spike, std::size_t delay, Step met) const {
    const Step own = axonal_ ? 1 : 0;
    const auto previous = meeting(spike.previous, delay);
    return {.after = history_.relative(std::max(previous - own, settled_limit(settled_, delay))),
            .until = history_.relative(met - own),
            .previous = history_.relative(previous),
            .at_previous = static_cast<Real>(spike.before),
            .since_previous = static_cast<Real>(spike.before) + Real{1}};
  }

  /// Synapses that are updated together, in loops that the compiler vectorises.
  static constexpr std::size_t block = 256;

  using Targets = std::array<std::int32_t, block>;

  /// In these loops all is of one width, or GCC 12 leaves them as they are.
  template <class Cell>
  static Targets targets_of(const Cell* cells, std::size_t size) {
    Targets targets;
    for (std::size_t k = 0; k < size; ++k) targets[k] = static_cast<std::int32_t>(cells[k]);
    return targets;
  }

  /// A spike of the source meets up to `block` synapses.
  void meet(const Targets& targets, Real* weights, std::size_t size, const Window& window,
            std::int32_t met) const {
    potentiate(targets, weights, size, window);
    if (traces_met_ == met) {
      const auto law = law_;
      const Real* traces = traces_.data();
#pragma omp simd
      for (std::size_t k = 0; k < size; ++k) {
        weights[k] = law.depress(weights[k], traces[targets[k]]);
      }
    } else {
      for (std::size_t k = 0; k < size; ++k) {
        weights[k] = law_.depress(weights[k], trace(static_cast<std::size_t>(targets[k]), met));
      }
    }
  }

  /// The spikes of the targets in a window, for up to `block` synapses. Most targets have fired fewer
  /// times since the window began than there are newest spikes; the others follow one by one.
  void potentiate(const Targets& targets, Real* weights, std::size_t size,
                  const Window& window) const {
    constexpr std::size_t of_each = PostHistory<Real>::newest_count;
    const auto law = law_;
    // Copies: the compiler keeps them in registers, and clang takes no structured binding here.
    const std::int32_t after = window.after, until = window.until, previous = window.previous;
    const Real at_previous = window.at_previous, since_previous = window.since_previous;
    const std::int32_t* newest = history_.newest();
    const Real* decay = pre_decay_.data();
    const auto last = static_cast<std::uint32_t>(pre_decay_.last());
    std::array<std::int32_t, block> place, has_more;
    for (std::size_t k = 0; k < size; ++k)
      place[k] = targets[k] * static_cast<std::int32_t>(of_each);
    std::int32_t any_has_more = 0;
#pragma omp simd reduction(| : any_has_more)
    for (std::size_t k = 0; k < size; ++k) {
      const bool more = (newest + (of_each - 1))[place[k]] > after;
      Real weight = weights[k];
      for (std::size_t n = of_each - 1; n-- > 0;) {
        const auto step = (newest + n)[place[k]];
        const auto lag =
            static_cast<std::int32_t>(std::min(static_cast<std::uint32_t>(step - previous), last));
        // Everything is computed, then chosen: a branch would be mispredicted half of the time.
        const Real decayed = since_previous * decay[lag];
        const Real x = lag == 0 ? at_previous : decayed;
        const Real after_it = law.potentiate(weight, x);
        weight = (step > after) & (step <= until) & !more ? after_it : weight;
      }
      weights[k] = weight;
      has_more[k] = more ? 1 : 0;
      any_has_more |= has_more[k];
    }
    if (any_has_more == 0) return;
    for (std::size_t k = 0; k < size; ++k) {
      if (has_more[k] != 0)
        weights[k] = potentiated(weights[k], static_cast<std::size_t>(targets[k]), window);
    }
  }

  /// The post traces of all targets, where so many synapses ask for them that it pays.
  void find_traces(std::int32_t met, std::uint64_t synapses) {
    if (met != asked_) {
      asked_ = met;
      asked_for_ = 0;
    }
    asked_for_ += synapses;
    if (traces_met_ == met || asked_for_ < traces_.size() / 2) return;
    for (std::size_t j = 0; j < traces_.size(); ++j) traces_[j] = trace(j, met);
    traces_met_ = met;
  }

  Real potentiated(Real weight, std::size_t target, const Window& window) const {
    const auto* steps = history_.steps(target);
    std::size_t newest = 0;
    while (steps[newest] > window.until) ++newest;
    auto end = newest;
    while (steps[end] > window.after) ++end;
    while (end > newest) {
      const auto step = steps[--end];
      weight =
          law_.potentiate(weight, step == window.previous
                                      ? window.at_previous
                                      : window.since_previous * pre_decay_(step - window.previous));
    }
    return weight;
  }

  /// The post trace as a spike of the source finds it.
  Real trace(std::size_t target, std::int32_t met) const {
    const auto* steps = history_.steps(target);
    std::size_t k = 0;
    while (steps[k] >= met) ++k;
    return history_.traces(target)[k] * post_decay_(met - steps[k]);
  }

  typename Rule::template Law<Real> law_;
  bool axonal_;
  DecayTable<Real> pre_decay_, post_decay_;
  std::vector<Source> sources_;
  PostHistory<Real> history_;
  Step settled_ = 0;

  // Scratch: the post traces of all targets for spikes of the source that meet them at `traces_met_`.
  std::vector<Real> traces_;
  std::int32_t traces_met_ = 0, asked_ = 0;
  std::uint64_t asked_for_ = 0;
};

}  // namespace ranvier
