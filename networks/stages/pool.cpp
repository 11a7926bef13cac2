#include "networks/stages/pool.hpp"

#include <algorithm>

namespace ranvier {

std::vector<Field<PoolParameters>> PoolParameters::fields() {
  return {
      integer("window", &PoolParameters::window, at_least_one, "width and height of the square"),
      integer("stride", &PoolParameters::stride, non_negative,
              "distance of neighbouring squares; 0 stands for their width")};
}

template <class Real>
PoolStage<Real>::PoolStage(const PoolParameters& parameters, Pooling pooling, Shape input,
                           const std::string& where)
    : input_(input),
      pooling_(pooling),
      plane_(plane_window(input, parameters.window,
                          parameters.stride == 0 ? parameters.window : parameters.stride, 0,
                          where)) {}

namespace {

/// The size of a window and the distance between windows: known beforehand where the compiler can
/// make use of it, as for the common 2 x 2.
template <std::size_t fixed>
struct Window {
  explicit Window(const PlaneWindow& plane)
      : kernel(fixed == 0 ? plane.kernel : fixed), stride(fixed == 0 ? plane.stride : fixed) {}

  const std::size_t kernel, stride;
};

/// Calls `use` with the plane's window.
template <class Use>
void with_window(const PlaneWindow& plane, Use&& use) {
  if (plane.kernel == 2 && plane.stride == 2) {
    use(Window<2>(plane));
  } else {
    use(Window<0>(plane));
  }
}

template <class Real, std::size_t fixed>
void average(const PlaneWindow& plane, const Window<fixed>& window, const Real* __restrict from,
             Real* __restrict out) {
  const Real share = Real(1) / static_cast<Real>(window.kernel * window.kernel);
  for (std::size_t y = 0; y < plane.out_height; ++y, out += plane.out_width) {
    const Real* const row = from + y * window.stride * plane.width;
    for (std::size_t x = 0; x < plane.out_width; ++x) {
      Real sum{};
      for (std::size_t i = 0; i < window.kernel; ++i) {
        for (std::size_t j = 0; j < window.kernel; ++j) {
          sum += row[i * plane.width + x * window.stride + j];
        }
      }
      out[x] = share * sum;
    }
  }
}

/// The adjoint of `average`, added to `to`.
template <class Real, std::size_t fixed>
void share_out(const PlaneWindow& plane, const Window<fixed>& window, const Real* __restrict grad,
               Real* __restrict to) {
  const Real share = Real(1) / static_cast<Real>(window.kernel * window.kernel);
  for (std::size_t y = 0; y < plane.out_height; ++y, grad += plane.out_width) {
    for (std::size_t i = 0; i < window.kernel; ++i) {
      Real* const row = to + (y * window.stride + i) * plane.width;
      for (std::size_t x = 0; x < plane.out_width; ++x) {
        for (std::size_t j = 0; j < window.kernel; ++j) {
          row[x * window.stride + j] += share * grad[x];
        }
      }
    }
  }
}

}  // namespace

template <class Real>
void PoolStage<Real>::maximum(std::span<const Real> plane, std::span<Real> out,
                              std::span<std::uint32_t> from) const {
  for (std::size_t y = 0; y < plane_.out_height; ++y) {
    for (std::size_t x = 0; x < plane_.out_width; ++x) {
      const std::size_t corner = y * plane_.stride * plane_.width + x * plane_.stride;
      std::size_t best = corner;
      for (std::size_t i = 0; i < plane_.kernel; ++i) {
        for (std::size_t j = 0; j < plane_.kernel; ++j) {
          const std::size_t here = corner + i * plane_.width + j;
          if (plane[here] > plane[best]) best = here;
        }
      }
      out[y * plane_.out_width + x] = plane[best];
      from[y * plane_.out_width + x] = static_cast<std::uint32_t>(best);
    }
  }
}

template <class Real>
void PoolStage<Real>::forward(const StagePass<Real>& pass, std::span<Real> output) const {
  const std::size_t planes = pass.input.rows() * input_.channels;
  pass.record.from.resize(pooling_ == Pooling::maximum ? output.size() : 0);
  for (std::size_t p = 0; p < planes; ++p) {
    const auto plane = pass.input.values.subspan(p * input_.area(), input_.area());
    const auto out = output.subspan(p * plane_.places(), plane_.places());
    if (pooling_ == Pooling::average) {
      with_window(plane_,
                  [&](const auto& window) { average(plane_, window, plane.data(), out.data()); });
    } else {
      maximum(plane, out,
              std::span(pass.record.from).subspan(p * plane_.places(), plane_.places()));
    }
  }
}

template <class Real>
void PoolStage<Real>::backward(const StagePass<Real>& pass,
                               const StageGradients<Real>& gradients) const {
  if (gradients.grad_input.empty()) return;
  std::ranges::fill(gradients.grad_input, Real(0));
  for (std::size_t p = 0; p < pass.input.rows() * input_.channels; ++p) {
    Real* plane = gradients.grad_input.data() + p * input_.area();
    const Real* grad = gradients.grad_output.data() + p * plane_.places();
    if (pooling_ == Pooling::average) {
      with_window(plane_, [&](const auto& window) { share_out(plane_, window, grad, plane); });
      continue;
    }
    for (std::size_t place = 0; place < plane_.places(); ++place) {
      plane[pass.record.from[p * plane_.places() + place]] += grad[place];
    }
  }
}

/// The mean; a maximum is not linear.
template <class Real>
std::optional<LinearMap> PoolStage<Real>::linear(const StageNumbers<Real>& /*numbers*/) const {
  if (pooling_ == Pooling::maximum) return std::nullopt;
  LinearMap map;
  map.inputs = input_.size();
  const double share = 1.0 / static_cast<double>(plane_.kernel * plane_.kernel);
  for (std::size_t out = 0; out < input_.channels * plane_.places(); ++out) {
    const std::size_t channel = out / plane_.places(), place = out % plane_.places();
    const std::size_t y = place / plane_.out_width, x = place % plane_.out_width;
    for (std::size_t e = 0; e < plane_.kernel * plane_.kernel; ++e) {
      const std::size_t row = y * plane_.stride + e / plane_.kernel;
      const std::size_t column = x * plane_.stride + e % plane_.kernel;
      map.source.push_back(
          static_cast<std::uint32_t>((channel * plane_.height + row) * plane_.width + column));
      map.weight.push_back(share);
    }
    map.end_row(0.0);
  }
  return map;
}

template class PoolStage<float>;
template class PoolStage<double>;

}  // namespace ranvier
