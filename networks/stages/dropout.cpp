#include "networks/stages/dropout.hpp"

#include <algorithm>

#include "core/random.hpp"

namespace ranvier {

/// [B][n] factors: 0 or 1/(1 - p). One block of random words serves four neighbouring values.
template <class Real>
void DropoutStage<Real>::draw(const ChunkWindow& window, std::vector<Real>& mask) const {
  const std::size_t n = shape_.size();
  mask.resize(window.samples.size() * n);
  const RandomStream stream(window.seed, Purpose::dropout, index_);
  constexpr double words = 4294967296.0;  // 2^32
  const double silenced = p_ * words;
  const auto kept = static_cast<Real>(1.0 / (1.0 - p_));
  for (std::size_t b = 0; b < window.samples.size(); ++b) {
    Real* row = mask.data() + b * n;
    for (std::size_t first = 0; first < n; first += 4) {
      auto draws = stream.at(window.samples[b], std::uint64_t{window.epoch} << 32 | first / 4);
      for (std::size_t i = first; i < std::min(first + 4, n); ++i) {
        row[i] = static_cast<double>(draws.bits()) < silenced ? Real(0) : kept;
      }
    }
  }
}

template <class Real>
void DropoutStage<Real>::multiply(std::span<const Real> from, std::span<const Real> mask,
                                  std::span<Real> to) {
  for (std::size_t begin = 0; begin < from.size(); begin += mask.size()) {
    for (std::size_t i = 0; i < mask.size(); ++i) to[begin + i] = mask[i] * from[begin + i];
  }
}

template <class Real>
void DropoutStage<Real>::forward(const StagePass<Real>& pass, std::span<Real> output) const {
  if (!pass.window.training()) {
    std::ranges::copy(pass.input.values, output.begin());
    return;
  }
  draw(pass.window, pass.record.scratch);
  multiply(pass.input.values, pass.record.scratch, output);
}

template <class Real>
void DropoutStage<Real>::backward(const StagePass<Real>& pass,
                                  const StageGradients<Real>& gradients) const {
  if (gradients.grad_input.empty()) return;
  draw(pass.window, pass.record.scratch);
  multiply(gradients.grad_output, pass.record.scratch, gradients.grad_input);
}

template <class Real>
std::optional<LinearMap> DropoutStage<Real>::linear(const StageNumbers<Real>& /*numbers*/) const {
  return identity_map(shape_.size());
}

template class DropoutStage<float>;
template class DropoutStage<double>;

}  // namespace ranvier
