#pragma once

/// Forward-mode automatic differentiation over a handful of directions. The `gradient` runtime runs
/// a model's own law on these numbers to get the Jacobian of one step, so a model that can be
/// simulated can be trained without writing its adjoint.

#include <array>
#include <cmath>
#include <cstddef>

namespace ranvier {

template <class Real, std::size_t N>
struct Dual {
  Real value{};
  std::array<Real, N> slope{};  ///< derivative of the value along each direction

  constexpr Dual() = default;
  constexpr Dual(Real v) : value(v) {}  // NOLINT(google-explicit-constructor): a constant

  /// The variable that spans direction `k`.
  static constexpr Dual variable(Real v, std::size_t k) {
    Dual d(v);
    d.slope[k] = Real(1);
    return d;
  }

  constexpr Dual& operator+=(const Dual& b) {
    value += b.value;
    for (std::size_t k = 0; k < N; ++k) slope[k] += b.slope[k];
    return *this;
  }
  constexpr Dual& operator-=(const Dual& b) {
    value -= b.value;
    for (std::size_t k = 0; k < N; ++k) slope[k] -= b.slope[k];
    return *this;
  }
  constexpr Dual& operator*=(const Dual& b) {
    for (std::size_t k = 0; k < N; ++k) slope[k] = slope[k] * b.value + value * b.slope[k];
    value *= b.value;
    return *this;
  }
  constexpr Dual& operator/=(const Dual& b) {
    value /= b.value;
    for (std::size_t k = 0; k < N; ++k) slope[k] = (slope[k] - value * b.slope[k]) / b.value;
    return *this;
  }

  friend constexpr Dual operator+(Dual a, const Dual& b) { return a += b; }
  friend constexpr Dual operator-(Dual a, const Dual& b) { return a -= b; }
  friend constexpr Dual operator*(Dual a, const Dual& b) { return a *= b; }
  friend constexpr Dual operator/(Dual a, const Dual& b) { return a /= b; }
  friend constexpr Dual operator-(const Dual& a) { return Dual(Real(0)) - a; }

  // A constant touches only the value and scales the slopes: half the work of a dual operand.
  friend constexpr Dual operator+(Dual a, Real b) {
    a.value += b;
    return a;
  }
  friend constexpr Dual operator-(Dual a, Real b) {
    a.value -= b;
    return a;
  }
  friend constexpr Dual operator*(Dual a, Real b) {
    a.value *= b;
    for (auto& s : a.slope) s *= b;
    return a;
  }
  friend constexpr Dual operator+(Real a, const Dual& b) { return b + a; }
  friend constexpr Dual operator-(Real a, const Dual& b) { return Dual(a) - b; }
  friend constexpr Dual operator*(Real a, const Dual& b) { return b * a; }

  // Order is the order of the values: which branch a law takes does not depend on the slopes.
  friend constexpr bool operator<(const Dual& a, const Dual& b) { return a.value < b.value; }
  friend constexpr bool operator>(const Dual& a, const Dual& b) { return a.value > b.value; }
  friend constexpr bool operator<=(const Dual& a, const Dual& b) { return a.value <= b.value; }
  friend constexpr bool operator>=(const Dual& a, const Dual& b) { return a.value >= b.value; }
};

/// `f(a)` with value `value` and derivative `derivative` at a.
template <class Real, std::size_t N>
constexpr Dual<Real, N> chained(const Dual<Real, N>& a, Real value, Real derivative) {
  Dual<Real, N> result(value);
  for (std::size_t k = 0; k < N; ++k) result.slope[k] = derivative * a.slope[k];
  return result;
}

template <class Real, std::size_t N>
Dual<Real, N> exp(const Dual<Real, N>& a) {
  const Real e = std::exp(a.value);
  return chained(a, e, e);
}

template <class Real, std::size_t N>
Dual<Real, N> sqrt(const Dual<Real, N>& a) {
  const Real r = std::sqrt(a.value);
  return chained(a, r, Real(0.5) / r);
}

template <class Real, std::size_t N>
Dual<Real, N> abs(const Dual<Real, N>& a) {
  return a.value < Real(0) ? -a : a;
}

}  // namespace ranvier
