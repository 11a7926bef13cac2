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

template <class Real>
void PoolStage<Real>::average(std::span<const Real> plane, std::span<Real> out) const {
  const Real share = Real(1) / static_cast<Real>(plane_.kernel * plane_.kernel);
  for (std::size_t y = 0; y < plane_.out_height; ++y) {
    for (std::size_t x = 0; x < plane_.out_width; ++x) {
      const Real* corner = plane.data() + y * plane_.stride * plane_.width + x * plane_.stride;
      Real sum{};
      for (std::size_t i = 0; i < plane_.kernel; ++i) {
        for (std::size_t j = 0; j < plane_.kernel; ++j) sum += corner[i * plane_.width + j];
      }
      out[y * plane_.out_width + x] = share * sum;
    }
  }
}

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
      average(plane, out);
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
  const Real share = Real(1) / static_cast<Real>(plane_.kernel * plane_.kernel);
  std::ranges::fill(gradients.grad_input, Real(0));
  for (std::size_t p = 0; p < pass.input.rows() * input_.channels; ++p) {
    Real* plane = gradients.grad_input.data() + p * input_.area();
    const Real* grad = gradients.grad_output.data() + p * plane_.places();
    for (std::size_t place = 0; place < plane_.places(); ++place) {
      if (pooling_ == Pooling::maximum) {
        plane[pass.record.from[p * plane_.places() + place]] += grad[place];
        continue;
      }
      const std::size_t y = place / plane_.out_width, x = place % plane_.out_width;
      Real* corner = plane + y * plane_.stride * plane_.width + x * plane_.stride;
      for (std::size_t i = 0; i < plane_.kernel; ++i) {
        for (std::size_t j = 0; j < plane_.kernel; ++j) {
          corner[i * plane_.width + j] += share * grad[place];
        }
      }
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
