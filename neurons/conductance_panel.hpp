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
/// The integral is taken by Gauss-Legendre quadrature (Davis & Rabinowitz 1984, Methods of Numerical
/// Integration). With n nodes its error on exp(r s) over [0, h] is
///
///     (n!)^4 / ((2n + 1) (2n)!^3)  (r h)^2n  h:
///
/// eight nodes are exact to rounding while no rate times h exceeds two, six while none exceeds one,
/// and four, up to one, leave 6e-10, a hundredth of a float's rounding.

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <utility>

#include "core/lane_math.hpp"
#include "neurons/relaxation.hpp"

namespace ranvier {

/// Abscissae above zero and their weights on [-1, 1].
template <std::size_t nodes>
struct GaussLegendre;

template <>
struct GaussLegendre<4> {
  static constexpr std::array abscissae{0.3399810435848562648, 0.8611363115940525752};
  static constexpr std::array weights{0.6521451548625461426, 0.3478548451374538574};
};

template <>
struct GaussLegendre<6> {
  static constexpr std::array abscissae{0.2386191860831969086, 0.6612093864662645137,
                                        0.9324695142031520278};
  static constexpr std::array weights{0.4679139345726910474, 0.3607615730481386076,
                                      0.1713244923791703450};
};

template <>
struct GaussLegendre<8> {
  static constexpr std::array abscissae{0.1834346424956498049, 0.5255324099163289858,
                                        0.7966664774136267396, 0.9602898564975362317};
  static constexpr std::array weights{0.3626837833783619830, 0.3137066458778872873,
                                      0.2223810344533744705, 0.1012285362903762592};
};

/// The longest panel, by the exponential of the library.
struct LongPanel {
  static constexpr std::size_t nodes = 8;
  static constexpr double longest_exponent = 2.0;
  static constexpr double centre = 0.0;

  template <class X>
  static X exp_of_minus(const X& z) {
    using std::exp;
    return exp(-z);
  }
};

/// One whose charge lies in [0, 1]: with the middle taken out the series of exp needs no reduction
/// of its argument, and a loop over neurons vectorises. What the series leaves out is 5e-9 in floats
/// and 2e-17 in doubles.
template <class Real>
struct ShortPanel {
  static constexpr bool in_floats = std::same_as<Real, float>;
  static constexpr std::size_t nodes = in_floats ? 4 : 6;
  static constexpr double longest_exponent = 1.0;
  static constexpr double centre = 0.5;

  template <class X>
  [[gnu::always_inline]] static X exp_of_minus(const X& z) {
    return polynomial(series, z);
  }

  /// (-1)^k / k!
  static constexpr auto series = [] {
    std::array<Real, in_floats ? 9 : 15> c{};
    double term = 1.0;
    for (std::size_t k = 0; k < c.size(); ++k) {
      c[k] = static_cast<Real>(term);
      term /= -static_cast<double>(k + 1);
    }
    return c;
  }();
};

/// What a panel needs to know of a membrane.
struct ConductanceConstants {
  double C_m;                 ///< pF
  double g_L;                 ///< nS
  double tau_ex, tau_in;      ///< ms
  double drive_ex, drive_in;  ///< D_ex, D_in, mV
};

template <class Real, class Kind>
class ConductancePanel {
 public:
  ConductancePanel(const ConductanceConstants& c, double h)
      : whole_(load(c, 0.0, h)),
        scale_(static_cast<Real>(std::exp(-Kind::centre))),
        decay_ex_(static_cast<Real>(std::exp(-h / c.tau_ex))),
        decay_in_(static_cast<Real>(std::exp(-h / c.tau_in))) {
    using Rule = GaussLegendre<Kind::nodes>;
    constexpr std::size_t half = Kind::nodes / 2;
    for (std::size_t k = 0; k < nodes_.size(); ++k) {
      const double position =
          k < half ? 0.5 * (1.0 - Rule::abscissae[k]) : 0.5 * (1.0 + Rule::abscissae[k - half]);
      const double weight = 0.5 * h / c.C_m * Rule::weights[k % half] * std::exp(-Kind::centre);
      const double s = position * h;
      nodes_[k] = {.load = load(c, s, h),
                   .weight = static_cast<Real>(weight),
                   .drive_ex = static_cast<Real>(weight * c.drive_ex * std::exp(-s / c.tau_ex)),
                   .drive_in = static_cast<Real>(weight * c.drive_in * std::exp(-s / c.tau_in))};
    }
  }

  /// The greatest conductance, both together, of which a panel of h is within what it integrates, if
  /// `synaptic` (1/ms) is the rate of the faster of those that are not zero. May be negative.
  static double highest_conductance(const ConductanceConstants& c, double h, double synaptic) {
    return (Kind::longest_exponent / h - synaptic) * c.C_m - c.g_L;
  }

  /// U(h) from the U, conductances and constant current at the panel's start.
  template <class X>
  [[gnu::always_inline]] X integrated(const X& U, const X& g_ex, const X& g_in, const X& I) const {
    return sum_of(U, g_ex, g_in, I, std::make_index_sequence<Kind::nodes>());
  }

  Real decay_ex() const { return decay_ex_; }
  Real decay_in() const { return decay_in_; }

 private:
  /// A(h) - A(s) = leak + ex g_ex + in g_in, from the centre on.
  struct Load {
    template <class X>
    [[gnu::always_inline]] X charge(const X& g_ex, const X& g_in) const {
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
    return {static_cast<Real>(c.g_L / c.C_m * (h - s) - Kind::centre), closed(c.tau_ex),
            closed(c.tau_in)};
  }

  /// Written out node by node: a loop in the loop over neurons would keep that from vectorising.
  template <class X, std::size_t... k>
  [[gnu::always_inline]] X sum_of(const X& U, const X& g_ex, const X& g_in, const X& I,
                                  std::index_sequence<k...> /*nodes*/) const {
    X sum = U * (scale_ * Kind::exp_of_minus(whole_.charge(g_ex, g_in)));
    ((sum += Kind::exp_of_minus(nodes_[k].load.charge(g_ex, g_in)) *
             (nodes_[k].weight * I + nodes_[k].drive_ex * g_ex + nodes_[k].drive_in * g_in)),
     ...);
    return sum;
  }

  Load whole_;
  Real scale_;
  std::array<Node, Kind::nodes> nodes_;
  Real decay_ex_, decay_in_;
};

}  // namespace ranvier
