#include "plasticity/readout.hpp"

#include <algorithm>

namespace ranvier {
namespace {

template <class Real>
std::size_t position(const Output<Real>& output, std::size_t t, std::size_t sample, std::size_t k) {
  return (t * output.samples + sample) * output.classes + k;
}

}  // namespace

template <class Real>
void score_sample(Readout readout, const Output<Real>& output, std::size_t sample,
                  std::span<double> z) {
  for (std::size_t k = 0; k < output.classes; ++k) {
    double sum = 0.0;
    double highest = 0.0;
    for (std::size_t t = 0; t < output.steps; ++t) {
      const double v = output.values[position(output, t, sample, k)];
      double& score = z[t * output.classes + k];
      sum += v;
      highest = t == 0 ? v : std::max(highest, v);
      switch (readout) {
        case Readout::last: score = v; break;
        case Readout::mean: score = sum / static_cast<double>(t + 1); break;
        case Readout::max: score = highest; break;
        case Readout::sum: score = sum; break;
      }
    }
  }
}

template <class Real>
void pull_back_sample(Readout readout, const Output<Real>& output, std::size_t sample,
                      std::span<const double> z, std::span<const double> grad_z,
                      std::span<Real> grad) {
  for (std::size_t k = 0; k < output.classes; ++k) {
    double carried = 0.0;  // from the scores of later steps
    for (std::size_t t = output.steps; t-- > 0;) {
      const std::size_t at = t * output.classes + k;
      carried += readout == Readout::mean ? grad_z[at] / static_cast<double>(t + 1) : grad_z[at];
      const auto here = position(output, t, sample, k);
      // The maximum belongs to the first step that reached it.
      const bool is_source = readout != Readout::max || t == 0 ||
                             static_cast<double>(output.values[here]) > z[at - output.classes];
      grad[here] = is_source ? static_cast<Real>(carried) : Real(0);
      const bool spent = readout == Readout::last || (readout == Readout::max && is_source);
      if (spent) carried = 0.0;
    }
  }
}

template void score_sample(Readout, const Output<float>&, std::size_t, std::span<double>);
template void score_sample(Readout, const Output<double>&, std::size_t, std::span<double>);
template void pull_back_sample(Readout, const Output<float>&, std::size_t, std::span<const double>,
                               std::span<const double>, std::span<float>);
template void pull_back_sample(Readout, const Output<double>&, std::size_t, std::span<const double>,
                               std::span<const double>, std::span<double>);

}  // namespace ranvier
