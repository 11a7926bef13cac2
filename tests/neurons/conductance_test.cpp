/// The conductance-based membrane against an independent integration of its differential equation.

#include <array>
#include <cmath>
#include <random>

#include "core/error.hpp"
#include "neurons/iaf_cond_exp.hpp"
#include "tests/catch.hpp"
#include "tests/neurons/circuit.hpp"

using namespace ranvier;
using namespace ranvier::testing;

namespace {

using Parameters = IafCondExp::Parameters;
using State = IafCondExp::State<double>;

/// V_m, g_ex, g_in.
using Vector = std::array<long double, 3>;

struct Equation {
  Parameters p;
  long double I;

  Vector operator()(const Vector& y) const {
    const long double current =
        p.g_L * (y[0] - p.E_L) + y[1] * (y[0] - p.E_ex) + y[2] * (y[0] - p.E_in) - I;
    return {-current / p.C_m, -y[1] / p.tau_syn_ex, -y[2] / p.tau_syn_in};
  }
};

Vector runge_kutta(const Equation& f, Vector y, long double t, int steps) {
  const long double h = t / steps;
  const auto moved = [](const Vector& a, long double s, const Vector& b) {
    return Vector{a[0] + s * b[0], a[1] + s * b[1], a[2] + s * b[2]};
  };
  for (int n = 0; n < steps; ++n) {
    const auto k1 = f(y);
    const auto k2 = f(moved(y, h / 2, k1));
    const auto k3 = f(moved(y, h / 2, k2));
    const auto k4 = f(moved(y, h, k3));
    for (std::size_t i = 0; i < 3; ++i) y[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
  }
  return y;
}

/// Fourth order, its leading error removed by Richardson extrapolation.
long double reference_V(const Parameters& p, const State& s, double dt) {
  const Equation f{p, static_cast<long double>(p.I_e) + s.I_stim};
  const Vector start{s.V_m, s.g_ex, s.g_in};
  const int steps = 200 + static_cast<int>(dt * 4000);
  const auto coarse = runge_kutta(f, start, dt, steps);
  const auto fine = runge_kutta(f, start, dt, 2 * steps);
  return fine[0] + (fine[0] - coarse[0]) / 15.0L;
}

State flowed_for(const Parameters& p, State s, double dt) {
  IafCondExp::Law<double>(p, dt).flow(s);
  return s;
}

State random_state(std::mt19937_64& random, double largest_g) {
  std::uniform_real_distribution<double> V(-85.0, -50.0), g(0.0, largest_g), I(-300.0, 500.0);
  State s;
  s.V_m = V(random);
  s.g_ex = g(random);
  s.g_in = g(random);
  s.I_stim = I(random);
  return s;
}

}  // namespace

TEST_CASE("iaf_cond_exp solves its differential equation to 1e-12 over any stretch") {
  Parameters p;
  p.tau_syn_ex = GENERATE(0.2, 1.5);
  p.tau_syn_in = GENERATE(2.0, 11.0);
  const double dt = GENERATE(0.01, 0.1, 0.73, 3.0, 15.0);
  std::mt19937_64 random(7);
  CAPTURE(p.tau_syn_ex, p.tau_syn_in, dt);
  for (int k = 0; k < 10; ++k) {
    const auto s = random_state(random, k % 2 == 0 ? 30.0 : 600.0);
    const auto expected = static_cast<double>(reference_V(p, s, dt));
    CAPTURE(s.V_m, s.g_ex, s.g_in, s.I_stim);
    CHECK(flowed_for(p, s, dt).V_m == Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("a simple flow of iaf_cond_exp is right up to the highest conductance that has one") {
  Parameters p;
  p.tau_syn_ex = GENERATE(0.2, 5.0);
  const double dt = GENERATE(0.02, 0.1);
  const IafCondExp::Law<double> law(p, dt);
  const double share = GENERATE(0.0, 0.5, 1.0);
  State s = IafCondExp::rest(p);
  s.V_m = -58.0;
  s.I_stim = 100.0;
  s.g_ex = share * law.highest_simple_g() * (1.0 - 1e-12);
  s.g_in = (1.0 - share) * law.highest_simple_g() * (1.0 - 1e-12);
  REQUIRE(law.flows_simply(s));
  CAPTURE(p.tau_syn_ex, dt, s.g_ex, s.g_in);
  CHECK(flowed_for(p, s, dt).V_m ==
        Approx(static_cast<double>(reference_V(p, s, dt))).epsilon(1e-13));
  s.g_ex += 1e-6 * law.highest_simple_g();
  CHECK_FALSE(law.flows_simply(s));
}

TEST_CASE("a simple flow in floats errs by their rounding") {
  const Parameters p;
  const double dt = 0.1;
  const IafCondExp::Law<float> in_floats(p, dt);
  // A term is a charge of five roundings, a series of nine terms, whose Horner scheme has two each,
  // and four products and sums; 30 unit roundoffs, and the same share of what all terms add up to.
  constexpr double allowed = 30.0 * 0x1p-24;
  std::mt19937_64 random(3);
  for (int k = 0; k < 200; ++k) {
    auto s = random_state(random, 300.0);
    IafCondExp::State<float> rounded{static_cast<float>(s.V_m), static_cast<float>(s.g_ex),
                                     static_cast<float>(s.g_in), static_cast<float>(s.I_stim)};
    REQUIRE(in_floats.flows_simply(rounded));
    const State same{rounded.V_m, rounded.g_ex, rounded.g_in, rounded.I_stim};
    in_floats.flow(rounded);
    const double terms =
        std::abs(s.V_m - p.E_L) + dt / p.C_m *
                                      (s.g_ex * std::abs(p.E_ex - p.E_L) +
                                       s.g_in * std::abs(p.E_in - p.E_L) + std::abs(s.I_stim));
    const double expected = flowed_for(p, same, dt).V_m;
    CHECK(std::abs(rounded.V_m - expected) <=
          allowed * terms + 2.0 * 0x1p-24 * (std::abs(p.E_L) + std::abs(expected)));
  }
}

TEST_CASE("iaf_cond_exp takes one long stretch as it takes many short ones") {
  const Parameters p;
  const double largest_g = GENERATE(10.0, 1e3, 1e5, 1e7);
  const double dt = GENERATE(1.0, 40.0, 1000.0);
  std::mt19937_64 random(11);
  CAPTURE(largest_g, dt);
  for (int k = 0; k < 5; ++k) {
    const auto s = random_state(random, largest_g);
    constexpr int pieces = 997;
    auto stepped = s;
    const IafCondExp::Law<double> law(p, dt / pieces);
    for (int n = 0; n < pieces; ++n) law.flow(stepped);
    const auto whole = flowed_for(p, s, dt);
    CAPTURE(s.V_m, s.g_ex, s.g_in, s.I_stim);
    // The many roundings of the short steps are the larger error.
    CHECK(whole.V_m == Approx(stepped.V_m).epsilon(2e-12));
    // Each panel rounds what is left of dt, up to 1e-13 ms of the 2 ms in which g_in decays.
    CHECK(whole.g_in == Approx(stepped.g_in).epsilon(1e-11).margin(1e-300));
  }
}

TEST_CASE("iaf_cond_exp without synapses relaxes like a leaky membrane") {
  Parameters p;
  p.I_e = 100.0;
  State s = IafCondExp::rest(p);
  const double dt = GENERATE(0.1, 10.0, 1e3, 1e6);
  const double expected = p.E_L - p.I_e / p.g_L * std::expm1(-dt * p.g_L / p.C_m);
  CHECK(flowed_for(p, s, dt).V_m == Approx(expected).epsilon(1e-13));
}

TEST_CASE("a huge conductance clamps the membrane at its reversal potential") {
  const Parameters p;
  State s = IafCondExp::rest(p);
  s.g_in = 1e15;
  CHECK(flowed_for(p, s, 0.1).V_m == Approx(p.E_in).epsilon(1e-12));
  CHECK(flowed_for(p, s, 2000.0).V_m == Approx(p.E_L).epsilon(1e-12));
}

TEST_CASE("inhibitory weights of iaf_cond_exp are negative and raise its conductance") {
  Simulation simulation(one_neuron("iaf_cond_exp", {}, {{1.0, -5.0, "inhibitory"}}), on("clock"));
  simulation.run(1.0);
  CHECK(simulation.state("neuron", "g_in")[0] == 5.0);

  Network network = one_neuron("iaf_cond_exp", {});
  network.add(ProjectionSpec{
      .source = "neuron",
      .target = "neuron",
      .rule = std::make_shared<Wiring>(std::vector<std::pair<NeuronId, NeuronId>>{{0, 0}}),
      .weight = std::make_shared<Constant>(5.0),
      .delay = std::make_shared<Constant>(1.0),
      .port = "inhibitory"});
  CHECK_THROWS_AS(Simulation(network, on("clock")), InvalidValue);
}
