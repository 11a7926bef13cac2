#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/neuron_model.hpp"
#include "neurons/conductance_panel.hpp"
#include "neurons/hard_threshold.hpp"
#include "neurons/relaxation.hpp"
#include "neurons/synaptic_response.hpp"

namespace ranvier {

/// Leaky integrate-and-fire neuron with exponentially decaying synaptic conductances.
///
///     C_m dV_m/dt = -g_L (V_m - E_L) - g_ex (V_m - E_ex) - g_in (V_m - E_in) + I_stim + I_e
///     dg_x/dt     = -g_x/tau_syn_x                     x = ex, in
///     arrival:      g_ex += weight, or g_in -= weight: inhibitory weights are negative
///     V_m >= V_th:  spike, V_m = V_reset, held for t_ref
///
/// The equation is linear in V_m and integrated to rounding over any dt by its integrating factor
/// (neurons/conductance_panel.hpp), where NEST's model of this name takes adaptive Runge-Kutta
/// steps. A step that is short for the conductances, as most are, is one panel of arithmetic that
/// vectorises. Source: Meffin, Burkitt & Grayden 2004, J. Comput. Neurosci. 16:159-175.
struct IafCondExp {
  static constexpr ModelInfo info{
      "iaf_cond_exp", "leaky integrate-and-fire neuron with exponential synaptic conductances",
      "C_m dV_m/dt = -g_L (V_m - E_L) - g_ex (V_m - E_ex) - g_in (V_m - E_in) + I_stim + I_e; "
      "dg_x/dt = -g_x/tau_syn_x",
      "Meffin, Burkitt & Grayden 2004, J. Comput. Neurosci. 16:159-175"};

  /// Defaults are NEST's.
  struct Parameters : HardThresholdParameters {
    double g_L = 16.6667;
    double E_ex = 0.0;
    double E_in = -85.0;
    double tau_syn_ex = 0.2;
    double tau_syn_in = 2.0;

    Parameters() { V_reset = -60.0; }

    static std::vector<Field<Parameters>> fields() {
      auto fields = hard_threshold_fields<Parameters>();
      fields.push_back(real("g_L", &Parameters::g_L, "nS", positive, "leak conductance"));
      fields.push_back(real("E_ex", &Parameters::E_ex, "mV", any_real,
                            "reversal potential of the excitatory synapses"));
      fields.push_back(real("E_in", &Parameters::E_in, "mV", any_real,
                            "reversal potential of the inhibitory synapses"));
      fields.push_back(real("tau_syn_ex", &Parameters::tau_syn_ex, "ms", positive,
                            "time constant of the excitatory conductance"));
      fields.push_back(real("tau_syn_in", &Parameters::tau_syn_in, "ms", positive,
                            "time constant of the inhibitory conductance"));
      return fields;
    }
  };

  template <class X>
  struct State {
    X V_m{}, g_ex{}, g_in{}, I_stim{};

    static constexpr auto fields() {
      return std::array{StateField<State, X>{"V_m", "mV", &State::V_m, "membrane potential"},
                        StateField<State, X>{"g_ex", "nS", &State::g_ex, "excitatory conductance"},
                        StateField<State, X>{"g_in", "nS", &State::g_in, "inhibitory conductance"},
                        StateField<State, X>{"I_stim", "pA", &State::I_stim,
                                             "current injected by stimulus devices"}};
    }
  };

  static constexpr std::array ports{
      Port{"excitatory", "nS", WeightSign::excitatory, "step of the excitatory conductance"},
      Port{"inhibitory", "nS", WeightSign::inhibitory,
           "step of the inhibitory conductance, with a minus sign"},
      Port{"current", "pA", WeightSign::any, "change of the injected current"}};

  static State<double> rest(const Parameters& p) { return {.V_m = p.E_L}; }

  template <class Real>
  struct Law : HardThreshold<Real> {
    Law(const Parameters& p, double stretch)
        : HardThreshold<Real>(p),
          constants{p.C_m, p.g_L, p.tau_syn_ex, p.tau_syn_in, p.E_ex - p.E_L, p.E_in - p.E_L},
          dt(stretch),
          panel(constants, stretch),
          highest_simple_g_(static_cast<Real>(Short::highest_conductance(
              constants, stretch, std::max(1.0 / p.tau_syn_ex, 1.0 / p.tau_syn_in)))),
          E_L(static_cast<Real>(p.E_L)),
          I_e(static_cast<Real>(p.I_e)) {}

    template <class X>
    void flow(State<X>& s) const {
      if (flows_simply(s)) {
        flow_simply(s);
      } else {
        flow_in_panels(s);
      }
    }

    /// Of both conductances together, nS; below zero where no state flows simply.
    Real highest_simple_g() const { return highest_simple_g_; }

    template <class X>
    [[gnu::always_inline]] bool flows_simply(const State<X>& s) const {
      const X none(Real(0));
      return (s.g_ex >= none) & (s.g_in >= none) & (s.g_ex + s.g_in <= X(highest_simple_g_));
    }

    template <class X>
    [[gnu::always_inline]] void flow_simply(State<X>& s) const {
      integrate(s, panel);
    }

    template <class X>
    void hold(State<X>& s) const {
      decay(s, panel.decay_ex(), panel.decay_in());
    }

    template <class X>
    void jump(State<X>& s, const std::array<X, 3>& arrived, bool /*refractory*/) const {
      s.g_ex += arrived[0];
      s.g_in -= arrived[1];
      s.I_stim += arrived[2];
    }

   private:
    using Short = ConductancePanel<Real, ShortPanel<Real>>;
    using Long = ConductancePanel<Real, LongPanel>;

    /// A conductance this small beside the leak moves the membrane by less than rounding.
    static constexpr double negligible = 1e-18;
    /// A membrane forgets where it was when its charge exceeds this: exp(-50) is 2e-22.
    static constexpr double forgetting_charge = 50.0;

    template <class X, class Panel>
    [[gnu::always_inline]] void integrate(State<X>& s, const Panel& over) const {
      s.V_m = over.integrated(X(s.V_m - E_L), s.g_ex, s.g_in, X(s.I_stim + I_e)) + E_L;
      decay(s, over.decay_ex(), over.decay_in());
    }

    template <class X>
    void decay(State<X>& s, Real decay_ex, Real decay_in) const {
      s.g_ex = decay_ex * s.g_ex;
      s.g_in = decay_in * s.g_in;
    }

    template <class X>
    bool matters(const X& g) const {
      using std::abs;
      return abs(g) > X(static_cast<Real>(negligible * constants.g_L));
    }

    /// Whether the fastest rate at work, times h, is within what a panel integrates exactly.
    template <class X>
    bool within_one_panel(const State<X>& s, double h) const {
      using std::abs;
      double synaptic = 0.0;
      if (matters(s.g_ex)) synaptic = 1.0 / constants.tau_ex;
      if (matters(s.g_in)) synaptic = std::max(synaptic, 1.0 / constants.tau_in);
      return abs(s.g_ex) + abs(s.g_in) <=
             X(static_cast<Real>(Long::highest_conductance(constants, h, synaptic)));
    }

    template <class X>
    void flow_in_panels(State<X>& s) const {
      double left = dt;
      while (left > 0.0) {
        if (!matters(s.g_ex) && !matters(s.g_in)) {
          relax(s, left);
          return;
        }
        double h = left;
        while (!within_one_panel(s, h)) {
          h *= 0.5;
          if (forgets_within(s, h, 2.0 * h)) {
            skip(s, h);
            left -= h;
          }
        }
        integrate(s, Long(constants, h));
        left -= h;
      }
    }

    /// Whether the charge from `begin` to `end` is so large that V_m at `begin` has no say at `end`.
    template <class X>
    bool forgets_within(const State<X>& s, double begin, double end) const {
      const auto per_g = [&](double tau) {
        return static_cast<Real>(tau * (std::exp(-begin / tau) - std::exp(-end / tau)));
      };
      return per_g(constants.tau_ex) * s.g_ex + per_g(constants.tau_in) * s.g_in >
             X(static_cast<Real>(forgetting_charge * constants.C_m -
                                 constants.g_L * (end - begin)));
    }

    /// Passes over a stretch after which V_m will be forgotten.
    template <class X>
    void skip(State<X>& s, double stretch) const {
      decay(s, static_cast<Real>(std::exp(-stretch / constants.tau_ex)),
            static_cast<Real>(std::exp(-stretch / constants.tau_in)));
    }

    /// The membrane without synapses.
    template <class X>
    void relax(State<X>& s, double stretch) const {
      const double x = constants.g_L / constants.C_m * stretch;
      const auto gain = static_cast<Real>(one_minus_exp(x) / constants.g_L);
      s.V_m = static_cast<Real>(std::exp(-x)) * (s.V_m - E_L) + gain * (s.I_stim + I_e) + E_L;
      skip(s, stretch);
    }

    ConductanceConstants constants;
    double dt;
    Short panel;
    Real highest_simple_g_;
    Real E_L, I_e;
  };

  static double refractory_period(const Parameters& p) { return p.t_ref; }

  /// V never falls below the lowest of where it is and of all that it is drawn to. A conductance g_x
  /// injects at most what it would there, a current that fades with tau_syn_x into a membrane of leak
  /// g_L. A conductance below zero, which only `set_state` can make, is not bounded.
  struct Ceiling {
    explicit Ceiling(const Parameters& p)
        : E_L(p.E_L),
          E_ex(p.E_ex),
          E_in(p.E_in),
          V_th(p.V_th),
          V_per_I(1.0 / p.g_L),
          I_e(p.I_e),
          highest_ex(highest_exponential_response(p.C_m / p.g_L, p.tau_syn_ex, p.C_m)),
          highest_in(highest_exponential_response(p.C_m / p.g_L, p.tau_syn_in, p.C_m)) {}

    double highest_excess(const State<double>& s) const {
      if (s.g_ex < 0.0 || s.g_in < 0.0) return std::numeric_limits<double>::infinity();
      const double target = E_L + V_per_I * (I_e + s.I_stim);
      const double floor = std::min({s.V_m, target, E_ex, E_in});
      const double synaptic =
          highest_ex * s.g_ex * (E_ex - floor) + highest_in * s.g_in * (E_in - floor);
      return rounded_up(std::max(s.V_m, target) + synaptic,
                        std::abs(s.V_m) + std::abs(target) + std::abs(V_th) + synaptic) -
             V_th;
    }

    double E_L, E_ex, E_in, V_th, V_per_I, I_e;
    double highest_ex, highest_in;  ///< mV of a current that starts at 1 pA
  };

  /// dV/dt is linear in each conductance and falls with V, so its extremes over a box of
  /// conductances lie at the corners, and V stays below the highest resting point of a corner.
  static CrossingBounds bounds(const Parameters& p, const State<double>& s, double dt) {
    const auto [ex_low, ex_high] = range_of_decay(s.g_ex, p.tau_syn_ex, dt);
    const auto [in_low, in_high] = range_of_decay(s.g_in, p.tau_syn_in, dt);
    const double I = p.g_L * p.E_L + p.I_e + s.I_stim;
    double ceiling = s.V_m;
    double fastest = 0.0;
    for (const double ex : {ex_low, ex_high}) {
      for (const double in : {in_low, in_high}) {
        const double g = p.g_L + ex + in;
        const double drive = I + ex * p.E_ex + in * p.E_in;
        ceiling = std::max(ceiling, drive / g);
        fastest = std::max(fastest, (drive - g * s.V_m) / p.C_m);
      }
    }
    const double V_high = std::min(ceiling, s.V_m + fastest * dt);
    const auto least = [&](double low, double high, double E) {
      return std::min(low * (E - V_high), high * (E - V_high));
    };
    const double slope =
        I - p.g_L * V_high + least(ex_low, ex_high, p.E_ex) + least(in_low, in_high, p.E_in);
    return {V_high - p.V_th, slope / p.C_m};
  }
};

RANVIER_NEURON(IafCondExp)

}  // namespace ranvier
