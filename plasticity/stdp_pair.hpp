#pragma once

/// stdp_pair: spike-timing-dependent plasticity of all pairs of spikes, additive, between hard
/// bounds.
///
///   post spike, at the synapse:  w <- min(w_max, w + A_plus x),   x: pre trace
///   pre spike:                   w <- max(0,     w - A_minus y),  y: post trace; w then acts
///
///   dx/dt = -x / tau_plus,  x <- x + 1 at a pre spike
///   dy/dt = -y / tau_minus, y <- y + 1 at a post spike
///
/// Spikes that meet at the synapse in one step do not form a pair: each sees the other's trace as it
/// was before.
///
/// Source: Song, Miller & Abbott 2000, Nat. Neurosci. 3:919-926; traces as Morrison, Diesmann &
/// Gerstner 2008, Biol. Cybern. 98:459-478. NEST's stdp_synapse with mu_plus = mu_minus = 0,
/// lambda = A_plus / Wmax, alpha = A_minus / A_plus.

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/plasticity.hpp"

namespace ranvier {

struct StdpPair {
  struct Info {
    std::string_view name, summary, equations, source;
  };
  static constexpr Info info{.name = "stdp_pair",
                             .summary = "additive STDP of all pairs of spikes, between hard bounds",
                             .equations =
                                 "post spike: w <- min(w_max, w + A_plus x); "
                                 "pre spike: w <- max(0, w - A_minus y); "
                                 "dx/dt = -x / tau_plus, x <- x + 1 at a pre spike; "
                                 "dy/dt = -y / tau_minus, y <- y + 1 at a post spike",
                             .source = "Song, Miller & Abbott 2000, Nat. Neurosci. 3:919-926"};

  struct Parameters {
    double tau_plus = 20.0;
    double tau_minus = 20.0;
    double A_plus = 1.0;
    double A_minus = 1.0;
    double w_max = 100.0;
    int delay = 0;

    static std::vector<Field<Parameters>> fields() {
      using P = Parameters;
      return {
          real("tau_plus", &P::tau_plus, "ms", positive, "time constant of the pre trace"),
          real("tau_minus", &P::tau_minus, "ms", positive, "time constant of the post trace"),
          real("A_plus", &P::A_plus, "", non_negative,
               "potentiation by a pair without lag, in the unit of the weight"),
          real("A_minus", &P::A_minus, "", non_negative,
               "depression by a pair without lag, in the unit of the weight"),
          real("w_max", &P::w_max, "", positive, "largest weight; the smallest is 0"),
          choice("delay", &P::delay, {"dendritic", "axonal"},
                 "which spikes the delay holds up on their way to the synapse: dendritic, those "
                 "of the target; axonal, those of the source")};
    }
  };

  static Bounds weight_bounds(const Parameters& p) { return {.lower = 0.0, .upper = p.w_max}; }

  template <class Real>
  class Law {
   public:
    explicit Law(const Parameters& p)
        : A_plus_(static_cast<Real>(p.A_plus)),
          A_minus_(static_cast<Real>(p.A_minus)),
          w_max_(static_cast<Real>(p.w_max)) {}

    Real potentiate(Real w, Real x) const { return std::min(w_max_, w + A_plus_ * x); }
    Real depress(Real w, Real y) const { return std::max(Real{0}, w - A_minus_ * y); }

   private:
    Real A_plus_, A_minus_, w_max_;
  };
};

RANVIER_PAIR_PLASTICITY(StdpPair)

}  // namespace ranvier
