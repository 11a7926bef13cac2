/// The search for the next threshold crossing, over random states of every model that has one,
/// against a dense scan of the excess.

#include <algorithm>
#include <cmath>
#include <random>

#include "core/runtime/crossing.hpp"
#include "neurons/alif.hpp"
#include "neurons/iaf_cond_exp.hpp"
#include "neurons/iaf_psc_alpha.hpp"
#include "neurons/iaf_psc_delta.hpp"
#include "neurons/iaf_psc_exp.hpp"
#include "neurons/integrate_and_fire.hpp"
#include "neurons/lif.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

using Random = std::mt19937_64;

double between(Random& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}

/// Random parameters and a random state whose crossing, if any, is often a near miss.
template <class M>
struct Draw;

template <class M>
struct MembraneDraw {
  static typename M::Parameters parameters(Random& random) {
    typename M::Parameters p;
    p.tau_m = between(random, 3.0, 20.0);
    p.I_e = between(random, -100.0, 420.0);
    if constexpr (requires { p.tau_syn_ex; }) {
      p.tau_syn_ex = between(random, 0.2, 8.0);
      p.tau_syn_in = between(random, 0.2, 25.0);
    }
    return p;
  }
};

template <>
struct Draw<IafPscExp> : MembraneDraw<IafPscExp> {
  static IafPscExp::State<double> state(Random& random) {
    return {between(random, -75.0, -55.1), between(random, -100.0, 3000.0),
            between(random, -3000.0, 100.0), between(random, -50.0, 50.0)};
  }
};

template <>
struct Draw<IafPscAlpha> : MembraneDraw<IafPscAlpha> {
  static IafPscAlpha::State<double> state(Random& random) {
    return {between(random, -75.0, -55.1),  between(random, -300.0, 1500.0),
            between(random, -500.0, 500.0), between(random, -1500.0, 300.0),
            between(random, -500.0, 500.0), between(random, -50.0, 50.0)};
  }
};

template <>
struct Draw<IafPscDelta> : MembraneDraw<IafPscDelta> {
  static IafPscDelta::State<double> state(Random& random) {
    return {between(random, -75.0, -55.1), between(random, -50.0, 600.0)};
  }
};

template <>
struct Draw<IafCondExp> {
  static IafCondExp::Parameters parameters(Random& random) {
    IafCondExp::Parameters p;
    p.I_e = between(random, -100.0, 260.0);
    p.tau_syn_ex = between(random, 0.2, 5.0);
    p.tau_syn_in = between(random, 0.5, 15.0);
    return p;
  }
  static IafCondExp::State<double> state(Random& random) {
    return {between(random, -80.0, -55.1), between(random, 0.0, 60.0), between(random, 0.0, 60.0),
            between(random, -50.0, 50.0)};
  }
};

template <class M>
struct UnitDraw {
  static typename M::Parameters parameters(Random& random) {
    typename M::Parameters p;
    p.I_e = between(random, -0.02, 0.1);
    if constexpr (requires { p.tau_m; }) p.tau_m = between(random, 5.0, 30.0);
    if constexpr (requires { p.beta; }) {
      p.tau_adapt = between(random, 10.0, 100.0);
      p.beta = between(random, 0.0, 1.0);
    }
    return p;
  }
};

template <>
struct Draw<Lif> : UnitDraw<Lif> {
  static Lif::State<double> state(Random& random) {
    return {between(random, -1.0, 0.99), between(random, -0.05, 0.1)};
  }
};

template <>
struct Draw<IntegrateAndFire> : UnitDraw<IntegrateAndFire> {
  static IntegrateAndFire::State<double> state(Random& random) {
    return {between(random, -1.0, 0.99), between(random, -0.05, 0.1)};
  }
};

template <>
struct Draw<Alif> : UnitDraw<Alif> {
  static Alif::State<double> state(Random& random) {
    return {between(random, -1.0, 0.99), between(random, 0.0, 4.0), between(random, -0.05, 0.1)};
  }
};

/// First of the scanned times at which the excess is not negative.
template <class M>
double scanned(const typename M::Parameters& p, const typename M::template State<double>& s,
               double step, double end) {
  for (double t = 0.0; t < end; t += step) {
    if (excess_after<M>(p, s, t) >= 0.0) return t;
  }
  return never;
}

}  // namespace

TEMPLATE_TEST_CASE("the next crossing is neither missed nor invented", "", IafPscExp, IafPscAlpha,
                   IafPscDelta, IafCondExp, Lif, IntegrateAndFire, Alif) {
  using M = TestType;
  Random random(42);
  constexpr double step = 0.02, end = 60.0;
  int crossings = 0, silent = 0;
  for (int k = 0; k < 150; ++k) {
    const auto p = Draw<M>::parameters(random);
    const auto s = Draw<M>::state(random);
    const double crossing = next_crossing<M>(p, s);
    const double seen = scanned<M>(p, s, step, end);
    CAPTURE(k, crossing, seen);
    if (seen < never) {
      // The scan overshoots by at most one step; an excursion shorter than a step may come first.
      CHECK(crossing <= seen + 1e-12);
      ++crossings;
    } else {
      ++silent;
    }
    if (crossing < never) {
      // At the crossing the excess is zero to rounding, just before it is negative.
      CHECK(std::abs(excess_after<M>(p, s, crossing)) < 1e-11);
      if (crossing > 1e-6) CHECK(excess_after<M>(p, s, crossing * (1.0 - 1e-9)) < 0.0);
      if (seen < never && crossing < seen - step) {
        for (double t = 0.0; t < crossing; t += step / 50) REQUIRE(excess_after<M>(p, s, t) < 0.0);
      }
    }
  }
  CHECK(crossings > 20);
  CHECK(silent > 20);
}

TEMPLATE_TEST_CASE("the bounds of the crossing hold over every stretch", "", IafPscExp, IafPscAlpha,
                   IafCondExp, Alif) {
  using M = TestType;
  Random random(43);
  for (int k = 0; k < 200; ++k) {
    const auto p = Draw<M>::parameters(random);
    const auto s = Draw<M>::state(random);
    const double dt = std::pow(10.0, between(random, -3.0, 2.0));
    const auto bounds = M::bounds(p, s, dt);
    CAPTURE(k, dt);
    constexpr int samples = 50;
    double previous = excess_after<M>(p, s, 0.0);
    for (int n = 1; n <= samples; ++n) {
      const double excess = excess_after<M>(p, s, dt * n / samples);
      REQUIRE(excess <= bounds.highest_excess + 1e-12);
      // A mean slope is at least the lowest one; what rounding adds is the excess's over the step.
      REQUIRE((excess - previous) / (dt / samples) >= bounds.lowest_slope - 1e-13 * samples / dt);
      previous = excess;
    }
  }
}

TEMPLATE_TEST_CASE("a ceiling is never below the excess of a state left alone", "", IafPscExp,
                   IafPscAlpha, IafCondExp, Alif) {
  using M = TestType;
  Random random(45);
  for (int k = 0; k < 400; ++k) {
    const auto p = Draw<M>::parameters(random);
    const auto s = Draw<M>::state(random);
    const double ceiling = typename M::Ceiling(p).highest_excess(s);
    CAPTURE(k);
    for (double t = 0.0; t < 1e4; t = t < 40.0 ? t + 0.05 : t * 1.1) {
      REQUIRE(excess_after<M>(p, s, t) <= ceiling);
    }
  }
}

TEMPLATE_TEST_CASE("a ceiling denies no crossing and many neurons that stay silent", "", IafPscExp,
                   IafPscAlpha, IafCondExp, Alif) {
  using M = TestType;
  Random random(46);
  int silent = 0, denied = 0;
  for (int k = 0; k < 2000; ++k) {
    const auto p = Draw<M>::parameters(random);
    const auto s = Draw<M>::state(random);
    const bool fires = next_crossing<M>(p, s) < never;
    const bool is_denied = typename M::Ceiling(p).highest_excess(s) < 0.0;
    CAPTURE(k);
    REQUIRE_FALSE((fires && is_denied));
    silent += !fires;
    denied += is_denied;
  }
  CAPTURE(silent, denied);
  // The states are near misses, two fifths of them under inhibition that a ceiling leaves out.
  CHECK(3 * denied > silent);
}

TEST_CASE("the ceiling of one exponential current at the target is its highest response") {
  // With V at its target the bound is the maximum itself, found here by a dense scan.
  for (const double tau_syn : {0.5, 2.0, 9.9999, 10.0, 10.0001, 30.0}) {
    IafPscExp::Parameters p;
    p.tau_syn_ex = tau_syn;
    const IafPscExp::State<double> s{p.E_L, 500.0, 0.0, 0.0};
    double highest = -1e300;
    for (double t = 0.0; t < 100.0; t += 1e-3) {
      highest = std::max(highest, excess_after<IafPscExp>(p, s, t));
    }
    CAPTURE(tau_syn);
    // A parabola through the maximum loses V'' step^2/2, far below a nanovolt; rounding adds 1e-8.
    CHECK(std::abs(IafPscExp::Ceiling(p).highest_excess(s) - highest) < 1e-5);
  }
}

TEMPLATE_TEST_CASE("the bounds close in on the truth as the stretch shrinks", "", IafPscExp,
                   IafPscAlpha, IafCondExp, Alif) {
  using M = TestType;
  Random random(44);
  for (int k = 0; k < 50; ++k) {
    const auto p = Draw<M>::parameters(random);
    const auto s = Draw<M>::state(random);
    // What is left between bound and truth falls with the square of the stretch.
    const auto gap = [&](double dt) {
      return M::bounds(p, s, dt).highest_excess -
             std::max(excess_after<M>(p, s, 0.0), excess_after<M>(p, s, dt));
    };
    CAPTURE(k);
    CHECK(gap(1e-3) <= gap(1e-2) / 50.0 + 1e-12);
  }
}

TEST_CASE("a membrane whose peak just misses its threshold does not fire") {
  IafPscExp::Parameters p;
  IafPscExp::State<double> s = IafPscExp::rest(p);
  s.I_syn_ex = 1000.0;
  // The peak of the postsynaptic potential, where I_syn balances the leak.
  const double t = std::log(p.tau_m / p.tau_syn_ex) / (1.0 / p.tau_syn_ex - 1.0 / p.tau_m);
  const double peak = excess_after<IafPscExp>(p, s, t) + p.V_th;
  for (const double margin : {1e-3, 1e-6, 1e-9}) {
    p.V_th = peak + margin;
    CHECK(next_crossing<IafPscExp>(p, s) == never);
    p.V_th = peak - margin;
    const double crossing = next_crossing<IafPscExp>(p, s);
    CHECK(crossing < t);
    // Near its peak the membrane is a parabola: the crossing lies sqrt(margin) before it.
    CHECK(t - crossing < 3.0 * std::sqrt(margin));
  }
}
