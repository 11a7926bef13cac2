#pragma once

/// A population of any trainable model in the `gradient` runtime.
///
/// One step is the map of the `clock` runtime,
///
///     u = jump(flow(s), drive)      x = excess(u)      z = threshold(x)      s' = reset(u, z)
///
/// with `hold` in place of `flow`, and no spike, while refractory. Backward runs it on dual numbers
/// spanned by the state and the drive: with the adjoint a' = dL/ds' and the surrogate slope of z,
///
///     a_k = sum_j a'_j ds'_j/ds_k + dL/dz dz/ds_k       dL/d(drive) likewise.
///
/// How long a neuron stays refractory is taken as constant: no gradient flows through it.

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "core/dual.hpp"
#include "core/model_state.hpp"
#include "core/neuron_model.hpp"
#include "core/runtime/gradient.hpp"
#include "core/time_grid.hpp"

namespace ranvier {

template <class M, class Real>
class GradientPopulation final : public GradientDynamics<Real> {
 public:
  /// One Parameters for all `n` neurons, or one each. `resolution` is the step in ms.
  GradientPopulation(const std::vector<typename M::Parameters>& parameters, std::size_t n,
                     double resolution)
      : n_(n) {
    const TimeGrid grid(resolution);
    for (const auto& p : parameters) {
      laws_.emplace_back(p, resolution);
      rest_.push_back(M::rest(p));
      refractory_steps_.push_back(static_cast<std::int32_t>(grid.nearest(M::refractory_period(p))));
    }
    refractory_ = is_spiking<M> && std::ranges::any_of(refractory_steps_, std::identity{});
  }

  std::size_t size() const override { return n_; }

  void forward(std::size_t steps, std::size_t samples, std::span<const Real> drive,
               bool constant_drive, const SpikeFunction<Real>& threshold, std::span<Real> output,
               Tape<Real>& tape) const override {
    const std::size_t row = samples * n_;
    assert(drive.size() == (constant_drive ? 1 : steps) * row && output.size() == steps * row);
    tape.steps = steps;
    tape.samples = samples;
    tape.states.resize(steps * states * row);
    tape.excess.resize(is_spiking<M> ? steps * row : 0);
    tape.refractory.resize(refractory_ ? steps * row : 0);
    if (steps == 0) return;
    start(samples, columns_of(tape.states.data(), row));
    std::vector<Real> last(states * row);
    std::vector<std::int32_t> refractory(refractory_ ? row : 0);
    for (std::size_t t = 0; t < steps; ++t) {
      Real* after = t + 1 < steps ? tape.states.data() + (t + 1) * states * row : last.data();
      const Forward step{
          .samples = samples,
          .before = columns_of(std::as_const(tape.states).data() + t * states * row, row),
          .after = columns_of(after, row),
          .drive = drive.data() + (constant_drive ? 0 : t * row),
          .output = output.subspan(t * row, row),
          .excess = std::span(tape.excess).subspan(is_spiking<M> ? t * row : 0),
          .held = tape.refractory.data() + (refractory_ ? t * row : 0),
          .refractory = refractory};
      step_forward(step, threshold);
    }
  }

  void backward(const Tape<Real>& tape, std::span<const Real> drive, bool constant_drive,
                std::span<const Real> output, const SpikeFunction<Real>& threshold,
                std::span<const Real> grad_output, bool detach_reset,
                std::span<Real> grad_drive) const override {
    const std::size_t row = tape.samples * n_;
    assert(grad_output.size() == tape.steps * row && grad_drive.size() == tape.steps * row);
    std::vector<Real> adjoint(states * row);
    std::vector<Real> slopes(is_spiking<M> ? row : 0);
    for (std::size_t t = tape.steps; t-- > 0;) {
      if constexpr (is_spiking<M>) {
        threshold.slopes(std::span(tape.excess).subspan(t * row, row), slopes);
      }
      const Backward step{.samples = tape.samples,
                          .before = columns_of(tape.states.data() + t * states * row, row),
                          .drive = drive.data() + (constant_drive ? 0 : t * row),
                          .spikes = output.data() + t * row,
                          .slopes = slopes.data(),
                          .held = tape.refractory.data() + (refractory_ ? t * row : 0),
                          .grad_output = grad_output.data() + t * row,
                          .reset_slope = detach_reset ? Real(0) : Real(1),
                          .adjoint = columns_of(adjoint.data(), row),
                          .grad_drive = grad_drive.data() + t * row};
      dispatch([&]<bool held, bool each> { step_backward<held, each>(step); });
    }
  }

 private:
  static constexpr std::size_t states = state_count<M>;
  template <class X>
  using State = typename M::template State<X>;
  template <class X>
  using Columns = std::array<X*, states>;
  /// A direction per state variable, and the last one for the drive.
  using Slopes = Dual<Real, states + 1>;

  /// Rows of one step, [B][n] each; state columns likewise.
  struct Forward {
    std::size_t samples;
    Columns<const Real> before;
    Columns<Real> after;
    const Real* drive;
    std::span<Real> output;
    std::span<Real> excess;
    std::uint8_t* held;
    std::span<std::int32_t> refractory;  ///< steps left
  };

  struct Backward {
    std::size_t samples;
    Columns<const Real> before;
    const Real* drive;
    const Real* spikes;
    const Real* slopes;
    const std::uint8_t* held;
    const Real* grad_output;
    Real reset_slope;       ///< 0 where the reset is detached
    Columns<Real> adjoint;  ///< of the state after the step; becomes that before it
    Real* grad_drive;
  };

  template <class X>
  static Columns<X> columns_of(X* data, std::size_t row) {
    Columns<X> columns;
    for (std::size_t k = 0; k < states; ++k) columns[k] = data + k * row;
    return columns;
  }

  /// Calls `loop<has a refractory period, parameters differ between neurons>`.
  template <class Loop>
  void dispatch(const Loop& loop) const {
    const bool each = laws_.size() > 1;
    if (refractory_) {
      each ? loop.template operator()<true, true>() : loop.template operator()<true, false>();
    } else {
      each ? loop.template operator()<false, true>() : loop.template operator()<false, false>();
    }
  }

  /// Calls `body(position in the row, law)` for every neuron of every sample. Positions are
  /// independent of each other, which the compiler cannot see through the columns.
  template <bool each, class Body>
  void for_row(std::size_t samples, const Body& body) const {
    if constexpr (each) {
      for (std::size_t b = 0; b < samples; ++b) {
        for (std::size_t i = 0; i < n_; ++i) body(b * n_ + i, i);
      }
    } else {
      const std::size_t row = samples * n_;
#pragma GCC ivdep
      for (std::size_t i = 0; i < row; ++i) body(i, 0);
    }
  }

  void start(std::size_t samples, const Columns<Real>& columns) const {
    constexpr auto fields = State<double>::fields();
    for (std::size_t k = 0; k < states; ++k) {
      for (std::size_t i = 0; i < samples * n_; ++i) {
        const auto& rest = rest_[rest_.size() == 1 ? 0 : i % n_];
        columns[k][i] = static_cast<Real>(rest.*(fields[k].member));
      }
    }
  }

  /// The state after a stretch of one step and what arrived at its end.
  template <bool held, class X>
  static State<X> advanced(const typename M::template Law<Real>& law, State<X> state,
                           const X& drive, bool refractory) {
    if constexpr (held) {
      auto resting = state;
      law.hold(resting);
      law.flow(state);
      state = select_state<M, X>(refractory, resting, state);
    } else {
      law.flow(state);
    }
    std::array<X, port_count<M>> arrived{};
    arrived[0] = drive;
    law.jump(state, arrived, refractory);
    return state;
  }

  void step_forward(const Forward& step, const SpikeFunction<Real>& threshold) const {
    dispatch([&]<bool held, bool each> { integrate<held, each>(step); });
    if constexpr (is_spiking<M>) {
      threshold.spikes(step.excess, step.output);
      dispatch([&]<bool held, bool each> { reset<held, each>(step); });
    }
  }

  template <bool held, bool each>
  void integrate(const Forward& step) const {
    constexpr Real withheld = -std::numeric_limits<Real>::infinity();
    for_row<each>(step.samples, [&, s = step](std::size_t i, std::size_t neuron) {
      const auto& law = laws_[neuron];
      const bool refractory = held && s.refractory[i] > 0;
      const auto state =
          advanced<held>(law, load_state<M, Real>(s.before, i), s.drive[i], refractory);
      store_state<M>(s.after, i, state);
      if constexpr (held) s.held[i] = refractory;
      if constexpr (is_spiking<M>) {
        s.excess[i] = refractory ? withheld : law.excess(state);
      } else {
        s.output[i] = s.after[0][i];
      }
    });
  }

  template <bool held, bool each>
  void reset(const Forward& step) const {
    for_row<each>(step.samples, [&, s = step](std::size_t i, std::size_t neuron) {
      auto state = load_state<M, Real>(s.after, i);
      laws_[neuron].reset(state, s.output[i]);
      store_state<M>(s.after, i, state);
      if constexpr (held) {
        const auto left = std::max(s.refractory[i] - 1, 0);
        s.refractory[i] = s.excess[i] >= Real(0) ? refractory_steps_[neuron] : left;
      }
    });
  }

  template <bool held, bool each>
  void step_backward(const Backward& step) const {
    for_row<each>(step.samples, [&, s = step](std::size_t i, std::size_t neuron) {
      const auto& law = laws_[neuron];
      const bool refractory = held && s.held[i] != 0;
      const auto u = advanced<held>(law, state_variables(s.before, i),
                                    Slopes::variable(s.drive[i], states), refractory);
      std::array<Real, states + 1> gradient{};
      auto after = u;
      if constexpr (is_spiking<M>) {
        const auto x = law.excess(u);
        law.reset(after, chained(x, s.spikes[i], s.reset_slope * s.slopes[i]));
        add(gradient, s.grad_output[i] * s.slopes[i], x);
      } else {
        add(gradient, s.grad_output[i], first(after));
      }
      pull_back(gradient, s.adjoint, i, after);
      for (std::size_t k = 0; k < states; ++k) s.adjoint[k][i] = gradient[k];
      s.grad_drive[i] = gradient[states];
    });
  }

  static State<Slopes> state_variables(const Columns<const Real>& columns, std::size_t i) {
    auto state = load_state<M, Slopes>(columns, i);
    constexpr auto fields = State<Slopes>::fields();
    [&]<std::size_t... k>(std::index_sequence<k...>) {
      (((state.*(fields[k].member)).slope[k] = Real(1)), ...);
    }
    (std::make_index_sequence<states>{});
    return state;
  }

  static const Slopes& first(const State<Slopes>& state) {
    return state.*(State<Slopes>::fields()[0].member);
  }

  static void add(std::array<Real, states + 1>& gradient, Real factor, const Slopes& x) {
    for (std::size_t k = 0; k <= states; ++k) gradient[k] += factor * x.slope[k];
  }

  static void pull_back(std::array<Real, states + 1>& gradient, const Columns<Real>& adjoint,
                        std::size_t i, const State<Slopes>& after) {
    constexpr auto fields = State<Slopes>::fields();
    [&]<std::size_t... j>(std::index_sequence<j...>) {
      (add(gradient, adjoint[j][i], after.*(fields[j].member)), ...);
    }
    (std::make_index_sequence<states>{});
  }

  std::size_t n_;
  std::vector<typename M::template Law<Real>> laws_;  ///< one, or one per neuron
  std::vector<State<double>> rest_;
  std::vector<std::int32_t> refractory_steps_;
  bool refractory_ = false;  ///< whether any neuron has a refractory period
};

}  // namespace ranvier
