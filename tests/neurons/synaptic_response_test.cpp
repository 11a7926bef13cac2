/// The response of the membrane to synaptic currents where its closed form is delicate.

#include <cmath>

#include "neurons/synaptic_response.hpp"
#include "tests/catch.hpp"

using namespace ranvier;

namespace {

/// Composite Simpson rule in long double: no cancellation, whatever the time constants.
template <class F>
long double integral(F f, long double length) {
  const int n = 4000;
  const long double h = length / n;
  long double sum = f(0.0L) + f(length);
  for (int k = 1; k < n; ++k) sum += (k % 2 == 1 ? 4.0L : 2.0L) * f(k * h);
  return sum * h / 3.0L;
}

}  // namespace

TEST_CASE("synaptic responses keep their digits for equal and nearly equal time constants") {
  const double tau_m = 10.0;
  const double apart =
      GENERATE(0.0, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 0.1, -1e-9, -1e-6, -1e-3, -0.1);
  const double tau_syn = tau_m * (1.0 + apart);
  const double dt = GENERATE(0.01, 0.1, 1.0, 10.0);
  CAPTURE(apart, dt);
  const auto decays = [&](long double s) {
    return std::exp(-(dt - s) / static_cast<long double>(tau_m)) *
           std::exp(-s / static_cast<long double>(tau_syn));
  };
  const auto exponential = integral(decays, dt);
  const auto alpha = integral([&](long double s) { return s * decays(s); }, dt);
  // Both are products of a few rounded factors.
  CHECK(exponential_response(tau_m, tau_syn, 1.0, dt) ==
        Approx(static_cast<double>(exponential)).epsilon(4e-15));
  CHECK(alpha_response(tau_m, tau_syn, 1.0, dt) ==
        Approx(static_cast<double>(alpha)).epsilon(4e-15));
}

TEST_CASE("synaptic responses agree with quadrature for any pair of time constants") {
  const double tau_m = GENERATE(0.7, 10.0, 23.0);
  const double tau_syn = GENERATE(0.5, 2.0, 9.0, 40.0);
  const double dt = GENERATE(0.05, 0.5, 4.0);
  CAPTURE(tau_m, tau_syn, dt);
  const auto decays = [&](long double s) {
    return std::exp(-(dt - s) / static_cast<long double>(tau_m)) *
           std::exp(-s / static_cast<long double>(tau_syn));
  };
  CHECK(exponential_response(tau_m, tau_syn, 1.0, dt) ==
        Approx(static_cast<double>(integral(decays, dt))).epsilon(1e-12));
  CHECK(alpha_response(tau_m, tau_syn, 1.0, dt) ==
        Approx(static_cast<double>(integral([&](long double s) { return s * decays(s); }, dt)))
            .epsilon(1e-12));
}

TEST_CASE("synaptic responses vanish after a very long time instead of overflowing") {
  const double tau_syn = GENERATE(0.5, 10.0, 20.0, 100.0);
  for (const double dt : {1e4, 1e6, 1e9}) {
    const double exponential = exponential_response(10.0, tau_syn, 250.0, dt);
    const double alpha = alpha_response(10.0, tau_syn, 250.0, dt);
    CHECK((exponential >= 0.0 && exponential < 1e-40));
    CHECK((alpha >= 0.0 && alpha < 1e-35));
  }
}
