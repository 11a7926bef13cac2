#pragma once

#include <array>

#include "core/neuron_model.hpp"

namespace ranvier {

/// A relay: it fires whenever a weight greater than zero arrives, at that very time. It lets a
/// device feed many populations the same spikes.
///
/// A neuron fires at most once at a time, so several arrivals at one time give one spike.
struct Parrot {
  static constexpr ModelInfo info{"parrot", "relay that repeats the spikes it receives",
                                  "spike whenever the sum of arrivals > 0", "NEST's parrot_neuron"};
  static constexpr bool fires_only_on_arrival = true;
  static constexpr bool trainable = false;

  struct Parameters {
    static std::vector<Field<Parameters>> fields() { return {}; }
  };

  template <class X>
  struct State {
    X arrived{};

    static constexpr auto fields() {
      return std::array{StateField<State, X>{"arrived", "", &State::arrived,
                                             "sum of the weights that arrive now, before the spike "
                                             "that it gives"}};
    }
  };

  static constexpr std::array ports{
      Port{"input", "", WeightSign::excitatory, "spikes to repeat, of any weight above zero"}};

  static State<double> rest(const Parameters& /*p*/) { return {}; }

  template <class Real>
  struct Law {
    Law(const Parameters& /*p*/, double /*dt*/) {}

    template <class X>
    void flow(State<X>& s) const {
      s.arrived = X{};
    }

    template <class X>
    void hold(State<X>& s) const {
      flow(s);
    }

    template <class X>
    void jump(State<X>& s, const std::array<X, 1>& arrived, bool /*refractory*/) const {
      s.arrived += arrived[0];
    }

    template <class X>
    X excess(const State<X>& s) const {
      return s.arrived > X{} ? s.arrived : X(Real(-1));
    }

    template <class X>
    void reset(State<X>& s, const X& spike) const {
      s.arrived = s.arrived * (Real(1) - spike);
    }
  };

  static double refractory_period(const Parameters& /*p*/) { return 0.0; }
};

RANVIER_NEURON(Parrot)

}  // namespace ranvier
