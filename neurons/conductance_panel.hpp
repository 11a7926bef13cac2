#pragma once

/// A membrane with two exponentially decaying conductances over one short stretch, a panel.
///
///     C dU/dt = -(g_L + g_ex(t) + g_in(t)) U + g_ex(t) D_ex + g_in(t) D_in + I
///     g_x(t)  = g_x exp(-t/tau_x)                U = V - E_L,  D_x = E_x - E_L
///
/// is linear in U, so with the charge A(t) = (1/C) int_0^t g_L + g_ex + g_in, known in closed form,
///
///     U(h) = U(0) exp(-A(h)) + (1/C) int_0^h exp(A(s) - A(h)) (g_ex(s) D_ex + g_in(s) D_in + I) ds.
///
/// The integral is taken by eight-point Gauss-Legendre quadrature (Davis & Rabinowitz 1984, Methods
/// of Numerical Integration), which is exact to rounding while no rate times h exceeds two.

#include <array>
#include <cmath>
#include <cstddef>

#include "neurons/relaxation.hpp"

namespace ranvier {

/// What a panel needs to know of a membrane.
struct ConductanceConstants {
  double C_m;                 ///< pF
  double g_L;                 ///< nS
  double tau_ex, tau_in;      ///< ms
  double drive_ex, drive_in;  ///< D_ex, D_in, mV
};

template <class Real>
class ConductancePanel {
 public:
  static constexpr double longest_exponent = 2.0;

  ConductancePanel(const ConductanceConstants& c, double h)
      : whole_(load(c, 0.0, h)),
        decay_ex_(static_cast<Real>(std::exp(-h / c.tau_ex))),
        decay_in_(static_cast<Real>(std::exp(-h / c.tau_in))) {
    for (std::size_t k = 0; k < nodes_.size(); ++k) {
      const double position =
          k < half ? 0.5 * (1.0 - abscissae[k]) : 0.5 * (1.0 + abscissae[k - half]);
      const double weight = 0.5 * h / c.C_m * weights[k % half];
      const double s = position * h;
      nodes_[k] = {.load = load(c, s, h),
                   .weight = static_cast<Real>(weight),
                   .drive_ex = static_cast<Real>(weight * c.drive_ex * std::exp(-s / c.tau_ex)),
                   .drive_in = static_cast<Real>(weight * c.drive_in * std::exp(-s / c.tau_in))};
    }
  }

  /// U(h) from the U, conductances and constant current at the panel's start.
  template <class X>
  X integrated(const X& U, const X& g_ex, const X& g_in, const X& I) const {
    using std::exp;
    X sum = U * exp(-whole_.charge(g_ex, g_in));
    for (const auto& node : nodes_) {
      sum += exp(-node.load.charge(g_ex, g_in)) *
             (node.weight * I + node.drive_ex * g_ex + node.drive_in * g_in);
    }
    return sum;
  }

  Real decay_ex() const { return decay_ex_; }
  Real decay_in() const { return decay_in_; }

 private:
  /// A(h) - A(s) = leak + ex g_ex + in g_in.
  struct Load {
    template <class X>
    X charge(const X& g_ex, const X& g_in) const {
      return ex * g_ex + in * g_in + leak;
    }
    Real leak, ex, in;
  };

  struct Node {
    Load load;
    Real weight, drive_ex, drive_in;
  };

  static Load load(const ConductanceConstants& c, double s, double h) {
    const auto closed = [&](double tau) {
      return static_cast<Real>(tau / c.C_m * std::exp(-s / tau) * one_minus_exp((h - s) / tau));
    };
    return {static_cast<Real>(c.g_L / c.C_m * (h - s)), closed(c.tau_ex), closed(c.tau_in)};
  }

  static constexpr std::size_t half = 4;
  static constexpr std::array<double, half> abscissae{0.1834346424956498049, 0.5255324099163289858,
                                                      0.7966664774136267396, 0.9602898564975362317};
  static constexpr std::array<double, half> weights{0.3626837833783619830, 0.3137066458778872873,
                                                    0.2223810344533744705, 0.1012285362903762592};

  Load whole_;
  std::array<Node, 2 * half> nodes_;
  Real decay_ex_, decay_in_;
};

}  // namespace ranvier
