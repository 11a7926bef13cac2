#pragma once

/// A population of any trainable model in the `gradient` runtime.
///
/// One step is the map of the `clock` runtime,
///
///     u = jump(flow(s), drive)      x = excess(u)      z = threshold(x)      s' = reset(u, z)
///
/// with `hold` in place of `flow`, and no spike, while refractory. Backward runs it on dual numbers
/// spanned by the state, the drive and the trained parameters: with the adjoint a' = dL/ds' and the
/// surrogate slope of z,
///
///     a_k = sum_j a'_j ds'_j/ds_k + dL/dz dz/ds_k       dL/d(drive), dL/d(ln p) likewise.
///
/// Where a spike does more to its own neuron than reset it, a law may offer `reset(state, spike,
/// resetting)` beside `reset(state, spike)`: a detached reset then leaves the rest attached.
///
/// How long a neuron stays refractory is taken as constant: no gradient flows through it. A row of
/// neurons is cut into tiles that are taken through all steps of the window while their state is in
/// the nearest cache.

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/dual.hpp"
#include "core/model_state.hpp"
#include "core/neuron_model.hpp"
#include "core/runtime/gradient.hpp"
#include "core/runtime/law_slopes.hpp"
#include "core/time_grid.hpp"

namespace ranvier {

template <class M, class Real>
class GradientPopulation final : public GradientDynamics<Real> {
 public:
  /// One Parameters for all `n` neurons, or one each. `resolution` is the step in ms. `trained` are
  /// parameters to differentiate by, of those the model names as such.
  GradientPopulation(const std::vector<typename M::Parameters>& parameters, std::size_t n,
                     double resolution, const std::vector<std::string>& trained = {})
      : n_(n) {
    assert(parameters.size() == 1 || parameters.size() == n);
    const TimeGrid grid(resolution);
    for (const auto& p : parameters) {
      laws_.emplace_back(p, resolution);
      rest_.push_back(M::rest(p));
      refractory_steps_.push_back(static_cast<std::int32_t>(grid.nearest(M::refractory_period(p))));
    }
    refractory_ = is_spiking<M> && std::ranges::any_of(refractory_steps_, std::identity{});
    for (const auto& name : trained) {
      tangents_.push_back(law_slopes<M, Real>(parameters, resolution, name));
    }
  }

  std::size_t size() const override { return n_; }
  std::size_t variables() const override { return states; }

  CarriedState<Real> start(std::size_t samples) const override {
    const std::size_t row = samples * n_;
    CarriedState<Real> state;
    state.variables.resize(states * row);
    state.refractory.resize(refractory_ ? row : 0);
    constexpr auto fields = State<double>::fields();
    for (std::size_t k = 0; k < states; ++k) {
      for (std::size_t i = 0; i < row; ++i) {
        const auto& rest = rest_[rest_.size() == 1 ? 0 : i % n_];
        state.variables[k * row + i] = static_cast<Real>(rest.*(fields[k].member));
      }
    }
    return state;
  }

  void reserve(std::size_t steps, std::size_t samples, Tape<Real>& tape) const override {
    tape.states.resize(steps * states * samples * n_);
    tape.withheld.resize(refractory_ ? steps * samples * n_ : 0);
  }

  void forward(const Drive<Real>& drive, const SpikeFunction<Real>& threshold,
               CarriedState<Real>& state, std::span<Real> output, Tape<Real>& tape,
               std::size_t first) const override {
    const std::size_t row = drive.samples * n_;
    assert(drive.values.size() == (drive.constant ? 1 : drive.steps) * row);
    assert(output.size() == drive.steps * row && state.variables.size() == states * row);
    std::array<Real, tile> excess;
    for (std::size_t begin = 0; begin < row; begin += tile) {
      const std::size_t count = std::min(tile, row - begin);
      for (std::size_t t = 0; t < drive.steps; ++t) {
        auto* taped = tape.states.data() + (first + t) * states * row;
        const Forward step{.begin = begin,
                           .end = begin + count,
                           .taped = columns_of(taped, row),
                           .state = columns_of(state.variables.data(), row),
                           .drive = drive.values.data() + (drive.constant ? 0 : t * row),
                           .output = output.data() + t * row,
                           .excess = excess.data(),
                           .withheld = tape.withheld.data() + (refractory_ ? (first + t) * row : 0),
                           .refractory = state.refractory.data()};
        step_forward(step, threshold);
      }
    }
  }

  void backward(const Drive<Real>& drive, std::span<const Real> output, const Tape<Real>& tape,
                const SpikeFunction<Real>& threshold, const Credit& credit,
                std::span<const Real> grad_output, std::span<Real> adjoint,
                std::span<Real> grad_drive, std::span<double> grad_trained,
                std::size_t first) const override {
    const std::size_t row = drive.samples * n_;
    assert(grad_output.size() == drive.steps * row && grad_drive.size() == drive.steps * row);
    assert(adjoint.size() == states * row);
    std::array<Real, tile> slopes;
    for (std::size_t begin = 0; begin < row; begin += tile) {
      const std::size_t count = std::min(tile, row - begin);
      for (std::size_t t = drive.steps; t-- > 0;) {
        const auto* taped = tape.states.data() + (first + t) * states * row;
        const Backward step{
            .begin = begin,
            .end = begin + count,
            .before = columns_of(taped, row),
            .drive = drive.values.data() + (drive.constant ? 0 : t * row),
            .spikes = output.data() + t * row,
            .slopes = slopes.data(),
            .withheld = tape.withheld.data() + (refractory_ ? (first + t) * row : 0),
            .grad_output = grad_output.data() + t * row,
            .reset_slope = credit.through_reset ? Real(1) : Real(0),
            .from_later = credit.through_time ? Real(1) : Real(0),
            .adjoint = columns_of(adjoint.data(), row),
            .grad_drive = grad_drive.data() + t * row,
        };
        step_backward(step, threshold, grad_trained);
      }
    }
  }

 private:
  static constexpr std::size_t states = trained_state_count<M>;
  static constexpr std::size_t tile = 1024;
  template <class X>
  using State = typename M::template State<X>;
  using Law = typename M::template Law<Real>;
  template <class X>
  using Columns = std::array<X*, states>;
  /// A number and its derivative along one direction.
  using Tangent = Dual<Real, 1>;

  /// Rows of one step, [B][n] each, of which the neurons begin .. end-1 are meant; state columns
  /// likewise.
  struct Forward {
    std::size_t begin, end;
    Columns<Real> taped;
    Columns<Real> state;
    const Real* drive;
    Real* output;
    Real* excess;  ///< of the tile alone
    std::uint8_t* withheld;
    std::int32_t* refractory;
  };

  struct Backward {
    std::size_t begin, end;
    Columns<const Real> before;
    const Real* drive;
    const Real* spikes;
    Real* slopes;  ///< of the tile alone
    const std::uint8_t* withheld;
    const Real* grad_output;
    Real reset_slope;       ///< 0 where the reset is detached
    Real from_later;        ///< 0 where the adjoint of the later step is not followed
    Columns<Real> adjoint;  ///< of the state after the step; becomes that before it
    Real* grad_drive;
  };

  template <class X>
  static Columns<X> columns_of(X* data, std::size_t row) {
    Columns<X> columns;
    for (std::size_t k = 0; k < states; ++k) columns[k] = data + k * row;
    return columns;
  }

  template <class X, class Column>
  static State<X> load(const Columns<Column>& columns, std::size_t i) {
    State<X> state{};
    constexpr auto fields = State<X>::fields();
    [&]<std::size_t... k>(std::index_sequence<k...>) {
      ((state.*(fields[k].member) = columns[k][i]), ...);
    }
    (std::make_index_sequence<states>{});
    return state;
  }

  static void store(const Columns<Real>& columns, std::size_t i, const State<Real>& state) {
    constexpr auto fields = State<Real>::fields();
    [&]<std::size_t... k>(std::index_sequence<k...>) {
      ((columns[k][i] = state.*(fields[k].member)), ...);
    }
    (std::make_index_sequence<states>{});
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

  /// Calls `body(position in the row, law, refractory steps)` for the positions of a tile; `laws`
  /// holds one law, or one for each neuron. Positions are independent of each other, which the
  /// compiler cannot see through the columns; the copies of what all neurons share let it keep that
  /// in registers.
  template <bool each, class AnyLaw, class Body>
  void for_tile(const std::vector<AnyLaw>& laws, std::size_t begin, std::size_t end,
                const Body& body) const {
    if constexpr (each) {
      for (std::size_t i = begin; i < end; ++i) body(i, laws[i % n_], refractory_steps_[i % n_]);
    } else {
      const AnyLaw law = laws.front();
      const auto refractory_steps = refractory_steps_.front();
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#else
#pragma GCC ivdep
#endif
      for (std::size_t i = begin; i < end; ++i) body(i, law, refractory_steps);
    }
  }

  /// The state after a stretch of one step and what arrived at its end.
  template <bool held, class AnyLaw, class X>
  static State<X> advanced(const AnyLaw& law, State<X> state, const X& drive, bool refractory) {
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
    (std::make_index_sequence<state_count<M>>{});
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
      const std::size_t count = step.end - step.begin;
      threshold.spikes({step.excess, count}, {step.output + step.begin, count});
      dispatch([&]<bool held, bool each> { reset<held, each>(step); });
    }
  }

  /// The distance to threshold of a neuron whose spike is withheld.
  static constexpr Real never = -std::numeric_limits<Real>::infinity();

  template <bool held, bool each>
  void integrate(const Forward& step) const {
    for_tile<each>(laws_, step.begin, step.end,
                   [s = step](std::size_t i, const Law& law, std::int32_t) {
                     const bool refractory = held && s.refractory[i] > 0;
                     const auto before = load<Real>(s.state, i);
                     store(s.taped, i, before);
                     const auto state = advanced<held>(law, before, s.drive[i], refractory);
                     store(s.state, i, state);
                     if constexpr (held) s.withheld[i] = refractory;
                     if constexpr (is_spiking<M>) {
                       s.excess[i - s.begin] = either(refractory, never, law.excess(state));
                     } else {
                       s.output[i] = s.state[0][i];
                     }
                   });
  }

  template <bool held, bool each>
  void reset(const Forward& step) const {
    for_tile<each>(laws_, step.begin, step.end,
                   [s = step](std::size_t i, const Law& law, std::int32_t refractory_steps) {
                     auto state = load<Real>(s.state, i);
                     law.reset(state, s.output[i]);
                     store(s.state, i, state);
                     if constexpr (held) {
                       const auto left = std::max(s.refractory[i] - 1, 0);
                       s.refractory[i] = s.excess[i - s.begin] >= Real(0) ? refractory_steps : left;
                     }
                   });
  }

  void step_backward(const Backward& step, const SpikeFunction<Real>& threshold,
                     std::span<double> grad_trained) const {
    if constexpr (is_spiking<M>) find_slopes(step, threshold);
    if constexpr (HasTrainedParameters<M>) {
      for (std::size_t k = 0; k < tangents_.size(); ++k) differentiate(step, k, grad_trained);
    }
    dispatch([&]<bool held, bool each> { pull_back<held, each>(step); });
  }

  /// The surrogate slopes of a tile, at the distances to threshold it had on the way forward.
  void find_slopes(const Backward& step, const SpikeFunction<Real>& threshold) const {
    std::array<Real, tile> excess;
    dispatch([&]<bool held, bool each> {
      for_tile<each>(laws_, step.begin, step.end,
                     [s = step, x = excess.data()](std::size_t i, const Law& law, std::int32_t) {
                       const bool refractory = held && s.withheld[i] != 0;
                       const auto state =
                           advanced<held>(law, load<Real>(s.before, i), s.drive[i], refractory);
                       x[i - s.begin] = either(refractory, never, law.excess(state));
                     });
    });
    const std::size_t count = step.end - step.begin;
    threshold.slopes(std::span(excess).first(count), std::span(step.slopes, count));
  }

  template <bool held, bool each>
  void pull_back(const Backward& step) const {
    for_tile<each>(laws_, step.begin, step.end,
                   [s = step](std::size_t i, const Law& law, std::int32_t) {
                     std::array<Real, states + 1> gradient;
                     [&]<std::size_t... k>(std::index_sequence<k...>) {
                       ((gradient[k] = along<held, k>(law, s, i)), ...);
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
  static Real along(const Law& law, const Backward& s, std::size_t i) {
    auto state = load<Tangent>(s.before, i);
    Tangent drive(s.drive[i]);
    constexpr auto fields = State<Tangent>::fields();
    if constexpr (direction < states) {
      (state.*(fields[direction].member)).slope[0] = Real(1);
    } else {
      drive.slope[0] = Real(1);
    }
    return loss_slope<held>(law, s, i, state, drive);
  }

  /// dL along the direction that the slopes of law, state and drive span.
  template <bool held, class AnyLaw>
  static Real loss_slope(const AnyLaw& law, const Backward& s, std::size_t i,
                         const State<Tangent>& state, const Tangent& drive) {
    constexpr auto fields = State<Tangent>::fields();
    auto after = advanced<held>(law, state, drive, held && s.withheld[i] != 0);
    Real sum{};
    if constexpr (is_spiking<M>) {
      const Real slope = s.slopes[i - s.begin];
      const Tangent x = law.excess(after);
      const auto dz = slope * x.slope[0];
      const auto resetting = chained(x, s.spikes[i], s.reset_slope * slope);
      if constexpr (requires { law.reset(after, resetting, resetting); }) {
        law.reset(after, chained(x, s.spikes[i], slope), resetting);
      } else {
        law.reset(after, resetting);
      }
      sum = s.grad_output[i] * dz;
    } else {
      sum = s.grad_output[i] * (after.*(fields[0].member)).slope[0];
    }
    Real later{};
    [&]<std::size_t... j>(std::index_sequence<j...>) {
      ((later += s.adjoint[j][i] * (after.*(fields[j].member)).slope[0]), ...);
    }
    (std::make_index_sequence<states>{});
    return sum + s.from_later * later;
  }

  /// Adds what a tile contributes to the derivative by the k-th trained parameter.
  void differentiate(const Backward& step, std::size_t k, std::span<double> grad_trained) const {
    std::array<Real, tile> parts;
    dispatch([&]<bool held, bool each> {
      for_tile<each>(tangents_[k], step.begin, step.end,
                     [s = step, to = parts.data()](std::size_t i, const auto& law, std::int32_t) {
                       to[i - s.begin] = loss_slope<held>(law, s, i, load<Tangent>(s.before, i),
                                                          Tangent(s.drive[i]));
                     });
    });
    const bool each = laws_.size() > 1;
    for (std::size_t i = step.begin; i < step.end; ++i) {
      grad_trained[each ? k * n_ + i % n_ : k] += static_cast<double>(parts[i - step.begin]);
    }
  }

  std::size_t n_;
  std::vector<Law> laws_;  ///< one, or one per neuron
  /// The laws as functions of one trained parameter each.
  std::vector<std::vector<TangentLawOf<M, Real>>> tangents_;
  std::vector<State<double>> rest_;
  std::vector<std::int32_t> refractory_steps_;
  bool refractory_ = false;  ///< whether any neuron has a refractory period
};

}  // namespace ranvier
