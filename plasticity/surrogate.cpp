#include "plasticity/surrogate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/matrix.hpp"

namespace ranvier {
namespace {

// Shapes: g(u) with g(0) = 1, and its integral from zero. Widths are for a threshold of one.

/// The derivative SuperSpike uses.
struct FastSigmoid {
  static constexpr double usual_width = 0.1;

  template <class Real>
  static Real slope(Real u) {
    const Real d = Real(1) + std::abs(u);
    return Real(1) / (d * d);
  }
  template <class Real>
  static Real integral(Real u) {
    return u / (Real(1) + std::abs(u));
  }
};

struct Arctan {
  static constexpr double usual_width = 1.0 / std::numbers::pi;

  template <class Real>
  static Real slope(Real u) {
    return Real(1) / (Real(1) + u * u);
  }
  template <class Real>
  static Real integral(Real u) {
    return std::atan(u);
  }
};

struct Triangle {
  static constexpr double usual_width = 1.0;

  template <class Real>
  static Real slope(Real u) {
    return std::max(Real(0), Real(1) - std::abs(u));
  }
  template <class Real>
  static Real integral(Real u) {
    const Real inside = std::clamp(u, Real(-1), Real(1));
    return inside * (Real(1) - Real(0.5) * std::abs(inside));
  }
};

/// Derivative of the logistic function, scaled to one at its top: 1 / cosh^2(u / 2).
struct Sigmoid {
  static constexpr double usual_width = 0.25;

  template <class Real>
  static Real slope_of_decay(Real e) {  // e = exp(-|u|), which cannot overflow
    const Real d = Real(1) + e;
    return Real(4) * e / (d * d);
  }
  template <class Real>
  static Real integral(Real u) {
    return Real(2) * std::tanh(Real(0.5) * u);
  }
};

template <class Shape>
struct SurrogateParameters {
  double width = Shape::usual_width;
  double height = 1.0;

  static std::vector<Field<SurrogateParameters>> fields() {
    return {real("width", &SurrogateParameters::width, "", positive,
                 "distance from threshold over which the slope falls, in the unit of the membrane "
                 "potential"),
            real("height", &SurrogateParameters::height, "", positive, "slope at threshold")};
  }
};

template <class Real, class Shape>
class ShapedSurrogate : public Surrogate<Real> {
 public:
  explicit ShapedSurrogate(const SurrogateParameters<Shape>& p)
      : width_(static_cast<Real>(p.width)),
        per_width_(static_cast<Real>(1.0 / p.width)),
        height_(static_cast<Real>(p.height)) {}

  void slopes(std::span<const Real> excess, std::span<Real> slopes) const override {
    if constexpr (requires { Shape::slope_of_decay(Real{}); }) {
      // Eigen's exponential is vectorised, the C library's is not.
      matrix_view(slopes, 1) = (-per_width_ * matrix_view(excess, 1).array().abs()).exp().matrix();
      for (std::size_t i = 0; i < excess.size(); ++i) {
        slopes[i] = excess[i] == withheld ? Real(0) : height_ * Shape::slope_of_decay(slopes[i]);
      }
    } else {
      for (std::size_t i = 0; i < excess.size(); ++i) {
        slopes[i] = height_ * Shape::slope(excess[i] * per_width_);
      }
    }
  }

  void smoothed(std::span<const Real> excess, std::span<Real> spikes) const override {
    for (std::size_t i = 0; i < excess.size(); ++i) {
      const Real rise = height_ * width_ * Shape::integral(excess[i] * per_width_);
      spikes[i] = excess[i] == withheld ? Real(0) : Real(0.5) + rise;
    }
  }

 private:
  static constexpr Real withheld = -std::numeric_limits<Real>::infinity();

  Real width_, per_width_, height_;
};

template <class Shape>
struct Of {
  template <class Real>
  using Type = ShapedSurrogate<Real, Shape>;
};

template <class Shape>
void add_shape(Registry<Kind<Surrogate>>& registry, const std::string& name, std::string summary,
               std::string source) {
  add_kind<Of<Shape>::template Type, SurrogateParameters<Shape>>(registry, name, std::move(summary),
                                                                 std::move(source));
}

Registry<Kind<Surrogate>> built_in() {
  Registry<Kind<Surrogate>> registry("surrogate");
  add_shape<FastSigmoid>(registry, "fast_sigmoid", "height / (1 + |x|/width)^2",
                         "Zenke & Ganguli 2018, Neural Comput. 30:1514-1541");
  add_shape<Arctan>(registry, "arctan", "height / (1 + (x/width)^2)",
                    "Fang et al. 2021, ICCV, arXiv:2007.05785");
  add_shape<Triangle>(registry, "triangle", "height max(0, 1 - |x|/width)",
                      "Bellec et al. 2018, NeurIPS, arXiv:1803.09574");
  add_shape<Sigmoid>(registry, "sigmoid", "height / cosh(x / (2 width))^2",
                     "Neftci, Mostafa & Zenke 2019, IEEE Signal Process. Mag. 36:51-63");
  return registry;
}

}  // namespace

template <class Real>
void Surrogate<Real>::spikes(std::span<const Real> excess, std::span<Real> spikes) const {
  for (std::size_t i = 0; i < excess.size(); ++i) {
    spikes[i] = excess[i] >= Real(0) ? Real(1) : Real(0);
  }
}

template class Surrogate<float>;
template class Surrogate<double>;

Registry<Kind<Surrogate>>& surrogates() {
  static auto registry = built_in();
  return registry;
}

}  // namespace ranvier
