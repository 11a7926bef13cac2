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
    assert(parameters.size() == 1 || parameters.size() == n);
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
    if (output.empty()) return;
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
    if (grad_drive.empty()) return;
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
  using Law = typename M::template Law<Real>;
  template <class X>
  using Columns = std::array<X*, states>;
  /// A number and its derivative along one direction.
  using Tangent = Dual<Real, 1>;

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
      each ? loop.template operator()<true, true>() : flattened<true>(loop);
    } else {
      each ? loop.template operator()<false, true>() : flattened<false>(loop);
    }
  }

  /// A loop over one shared law is vectorised, unless a call is left inside it.
  template <bool held, class Loop>
  [[gnu::flatten]] static void flattened(const Loop& loop) {
    loop.template operator()<held, false>();
  }

  /// Calls `body(position in the row, law, refractory steps)` for every neuron of every sample.
  /// Positions are independent of each other, which the compiler cannot see through the columns;
  /// the copies of what all neurons share let it keep that in registers.
  template <bool each, class Body>
  void for_row(std::size_t samples, const Body& body) const {
    if constexpr (each) {
      for (std::size_t b = 0; b < samples; ++b) {
        for (std::size_t i = 0; i < n_; ++i) body(b * n_ + i, laws_[i], refractory_steps_[i]);
      }
    } else {
      const std::size_t row = samples * n_;
      const Law law = laws_.front();
      const auto refractory_steps = refractory_steps_.front();
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#else
#pragma GCC ivdep
#endif
      for (std::size_t i = 0; i < row; ++i) body(i, law, refractory_steps);
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
  static State<X> advanced(const Law& law, State<X> state, const X& drive, bool refractory) {
    if constexpr (held) {
      auto resting = state;
      law.hold(resting);
      law.flow(state);
      state = either(refractory, resting, state);
    } else {
      law.flow(state);
    }
    std::array<X, port_count<M>> arrived{};
    arrived[0] = drive;
    law.jump(state, arrived, refractory);
    return state;
  }

  /// select_state on the numbers inside dual numbers: a choice between two addresses would keep the
  /// loop from being vectorised.
  template <class X>
  static State<X> either(bool yes, const State<X>& a, const State<X>& b) {
    State<X> chosen;
    constexpr auto fields = State<X>::fields();
    [&]<std::size_t... k>(std::index_sequence<k...>) {
      ((chosen.*(fields[k].member) = either(yes, a.*(fields[k].member), b.*(fields[k].member))),
       ...);
    }
    (std::make_index_sequence<states>{});
    return chosen;
  }
  static Real either(bool yes, Real a, Real b) { return yes ? a : b; }
  static Tangent either(bool yes, const Tangent& a, const Tangent& b) {
    Tangent chosen(either(yes, a.value, b.value));
    chosen.slope[0] = either(yes, a.slope[0], b.slope[0]);
    return chosen;
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
    for_row<each>(step.samples, [s = step](std::size_t i, const Law& law, std::int32_t) {
      const bool refractory = held && s.refractory[i] > 0;
      const auto state =
          advanced<held>(law, load_state<M, Real>(s.before, i), s.drive[i], refractory);
      store_state<M>(s.after, i, state);
      if constexpr (held) s.held[i] = refractory;
      if constexpr (is_spiking<M>) {
        const auto excess = law.excess(state);
        s.excess[i] = refractory ? withheld : excess;
      } else {
        s.output[i] = s.after[0][i];
      }
    });
  }

  template <bool held, bool each>
  void reset(const Forward& step) const {
    for_row<each>(step.samples,
                  [s = step](std::size_t i, const Law& law, std::int32_t refractory_steps) {
                    auto state = load_state<M, Real>(s.after, i);
                    law.reset(state, s.output[i]);
                    store_state<M>(s.after, i, state);
                    if constexpr (held) {
                      const auto left = std::max(s.refractory[i] - 1, 0);
                      s.refractory[i] = s.excess[i] >= Real(0) ? refractory_steps : left;
                    }
                  });
  }

  template <bool held, bool each>
  void step_backward(const Backward& step) const {
    for_row<each>(step.samples, [s = step](std::size_t i, const Law& law, std::int32_t) {
      std::array<Real, states + 1> gradient;
      [&]<std::size_t... k>(std::index_sequence<k...>) {
        ((gradient[k] = derivative<held, k>(law, s, i)), ...);
      }
      (std::make_index_sequence<states + 1>{});
      for (std::size_t k = 0; k < states; ++k) s.adjoint[k][i] = gradient[k];
      s.grad_drive[i] = gradient[states];
    });
  }

  /// dL along one direction: a state variable before the step or, as the last one, the drive. One
  /// direction at a time keeps every number in a register; the compiler computes once what the
  /// directions share.
  template <bool held, std::size_t direction>
  static Real derivative(const Law& law, const Backward& s, std::size_t i) {
    auto state = load_state<M, Tangent>(s.before, i);
    Tangent drive(s.drive[i]);
    constexpr auto fields = State<Tangent>::fields();
    if constexpr (direction < states) {
      (state.*(fields[direction].member)).slope[0] = Real(1);
    } else {
      drive.slope[0] = Real(1);
    }
    auto after = advanced<held>(law, state, drive, held && s.held[i] != 0);
    Real sum{};
    if constexpr (is_spiking<M>) {
      const auto x = law.excess(after);
      const auto dz = s.slopes[i] * x.slope[0];
      law.reset(after, chained(x, s.spikes[i], s.reset_slope * s.slopes[i]));
      sum = s.grad_output[i] * dz;
    } else {
      sum = s.grad_output[i] * (after.*(fields[0].member)).slope[0];
    }
    [&]<std::size_t... j>(std::index_sequence<j...>) {
      ((sum += s.adjoint[j][i] * (after.*(fields[j].member)).slope[0]), ...);
    }
    (std::make_index_sequence<states>{});
    return sum;
  }

  std::size_t n_;
  std::vector<Law> laws_;  ///< one, or one per neuron
  std::vector<State<double>> rest_;
  std::vector<std::int32_t> refractory_steps_;
  bool refractory_ = false;  ///< whether any neuron has a refractory period
};

}  // namespace ranvier
