#pragma once

#include <limits>

#include "core/neuron_model.hpp"
#include "neurons/unit_membrane.hpp"

namespace ranvier {

/// One half of an integrate-and-fire neuron that may take spikes back, the unit of converted networks
/// with signed spikes. Dimensionless; one step lasts `step` ms, and n is the number of spikes sent
/// less those taken back.
///
///     V[t] = V[t-1] + I_e + I_stim + arrivals[t]
///     half: sending      V[t] >= V_th and n < most:         spike,  V -= V_th,  n += 1
///     half: correcting   V[t] <= -tolerance V_th and n > 0: spike,  V += V_th,  n -= 1
///
/// A spike has no sign in any runtime, so a neuron is a pair: both halves take the same input, each
/// tells the other of its spikes by synapses of weight 1 onto the port `partner` (sending to
/// correcting at once, correcting to sending a step later), and what the correcting half sends
/// arrives at others with the negative weight. After a spike V >= 0, so the halves never fire in the
/// same step; the sending half learns of a correction before its next threshold test, and the pair is
/// the signed neuron exactly.
///
/// `most` is the number of levels of a quantised activation, or infinite.
///
/// Source: the scheme of C. Li, L. Ma & S. Furber 2022, Front. Neurosci. 16:918793 (QFFS), as
/// reconstructed from their released program: the paper's own equations were not at hand.
struct SignedIntegrateAndFire {
  static constexpr ModelInfo info{
      "signed_integrate_and_fire",
      "half of an integrate-and-fire neuron that sends spikes and takes them back",
      "V[t] = V[t-1] + I_e + I_stim + arrivals[t]; sends at V >= V_th, takes back at V < 0",
      "Li, Ma & Furber 2022, Front. Neurosci. 16:918793"};

  enum class Half : int { sending, correcting };

  struct Parameters : UnitDriveParameters {
    double V_th = 1.0;
    int half = static_cast<int>(Half::sending);
    double most = std::numeric_limits<double>::infinity();
    double tolerance = 1e-6;

    static std::vector<Field<Parameters>> fields() {
      auto fields = unit_drive_fields<Parameters>();
      fields.push_back(real("V_th", &Parameters::V_th, "", positive, "spike threshold"));
      fields.push_back(choice("half", &Parameters::half, {"sending", "correcting"},
                              "sending spikes, or taking them back"));
      fields.push_back(real("most", &Parameters::most, "", Bounds{.lower = 0.0, .lower_open = true},
                            "spikes the pair may have sent and not taken back"));
      fields.push_back(real("tolerance", &Parameters::tolerance, "", non_negative,
                            "how far below zero, in thresholds, a spike is taken back"));
      return fields;
    }

    double sign() const { return static_cast<Half>(half) == Half::sending ? 1.0 : -1.0; }
    /// The half fires where sign V >= level and sign n <= room.
    double level() const { return sign() > 0.0 ? V_th : tolerance * V_th; }
    double room() const { return sign() > 0.0 ? most - 0.5 : -0.5; }
  };

  template <class X>
  struct State {
    X V_m{}, sent{}, I_stim{};

    static constexpr auto fields() {
      return std::array{
          StateField<State, X>{"V_m", "", &State::V_m, "membrane potential"},
          StateField<State, X>{"sent", "", &State::sent, "spikes sent less those taken back"},
          StateField<State, X>{"I_stim", "", &State::I_stim,
                               "drive per step injected by stimulus devices"}};
    }
  };

  static constexpr std::array ports{
      unit_ports[0], unit_ports[1],
      Port{"partner", "", WeightSign::excitatory, "spikes of the other half, each of weight 1"}};
  static constexpr bool trainable = false;
  static State<double> rest(const Parameters& p) { return {.V_m = p.V_initial}; }

  template <class Real>
  struct Law {
    Law(const Parameters& p, double dt)
        : steps(static_cast<Real>(dt / p.step)),
          I_e(static_cast<Real>(p.I_e)),
          sign(static_cast<Real>(p.sign())),
          V_th(static_cast<Real>(p.V_th)),
          level(static_cast<Real>(p.level())),
          room(static_cast<Real>(p.room())) {}

    template <class X>
    void flow(State<X>& s) const {
      s.V_m += steps * (s.I_stim + I_e);
    }

    template <class X>
    void hold(State<X>& s) const {
      flow(s);
    }

    /// What the other half sent undoes a spike of this one.
    template <class X>
    void jump(State<X>& s, const std::array<X, 3>& arrived, bool /*refractory*/) const {
      s.V_m += arrived[0] + sign * V_th * arrived[2];
      s.I_stim += arrived[1];
      s.sent -= sign * arrived[2];
    }

    template <class X>
    X excess(const State<X>& s) const {
      const X above = sign * s.V_m - level;
      const X left = room - sign * s.sent;
      return above < left ? above : left;
    }

    template <class X>
    void reset(State<X>& s, const X& spike) const {
      s.V_m -= sign * V_th * spike;
      s.sent += sign * spike;
    }

    Real steps, I_e, sign, V_th, level, room;
  };

  static double refractory_period(const Parameters& /*p*/) { return 0.0; }

  /// V moves by the drive per step; the number of spikes sent stays.
  static double next_crossing(const Parameters& p, const State<double>& s) {
    constexpr double not_by_itself = std::numeric_limits<double>::infinity();
    if (p.sign() * s.sent > p.room()) return not_by_itself;
    const double missing = p.level() - p.sign() * s.V_m;
    if (missing <= 0.0) return 0.0;
    const double drive = p.sign() * (p.I_e + s.I_stim);
    return drive > 0.0 ? missing / drive * p.step : not_by_itself;
  }
};

RANVIER_NEURON(SignedIntegrateAndFire)

}  // namespace ranvier
