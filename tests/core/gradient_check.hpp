#pragma once

/// Central finite differences against a gradient.
///
/// With step h the difference is off by h^2/6 |f'''| from truncation and by eps |f|/h from rounding
/// (eps = 1.1e-16). Both are smallest together at h = (3 eps)^(1/3) = 7e-6 of the scale over which f
/// bends, and then around eps^(2/3) = 2e-11 of f. Where f bends some hundred times faster than the
/// scale given here, or cancels a thousandfold, five digits are still right.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace ranvier {

inline constexpr double gradient_tolerance = 1e-5;

/// Largest difference between `gradient` and the central differences of `loss()` in `variables`,
/// relative to the largest component of the gradient.
template <class Loss>
double gradient_error(std::span<double> variables, std::span<const double> gradient, double scale,
                      const Loss& loss) {
  const double h = 7e-6 * scale;
  double worst = 0.0;
  double largest = 0.0;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const double x = variables[i];
    variables[i] = x + h;
    const double above = loss();
    variables[i] = x - h;
    const double below = loss();
    variables[i] = x;
    worst = std::max(worst, std::abs((above - below) / (2 * h) - gradient[i]));
    largest = std::max(largest, std::abs(gradient[i]));
  }
  return worst / largest;
}

}  // namespace ranvier
