/// Time-to-first-spike encoding: each input spikes once, the stronger the earlier,
///
///     tau(x) = (1 - x) (T - 1)   steps after the first, with x clamped to [0, 1],
///
/// rounded to a step. Values up to `silent_below` never spike.

#include <algorithm>
#include <cmath>

#include "networks/encoding.hpp"

namespace ranvier {
namespace {

struct LatencyParameters {
  double silent_below = 0.0;

  static std::vector<Field<LatencyParameters>> fields() {
    return {real("silent_below", &LatencyParameters::silent_below, "", unit_interval,
                 "values up to this one never spike")};
  }
};

template <class Real>
class LatencyEncoding final : public Encoding<Real> {
 public:
  explicit LatencyEncoding(const LatencyParameters& p)
      : silent_below_(static_cast<Real>(p.silent_below)) {}

  bool constant() const override { return false; }

  /// Smoothed, a spike is shared between the two steps around tau by linear interpolation.
  void encode(std::span<const Real> values, const Presentation& presentation, bool smoothed,
              std::span<Real> activity) const override {
    const std::size_t n = values.size();
    std::fill(activity.begin(), activity.end(), Real(0));
    for (std::size_t i = 0; i < n; ++i) {
      if (!(values[i] > silent_below_)) continue;
      const Real tau = spike_time(values[i], presentation.steps);
      if (smoothed) {
        const auto before = static_cast<std::size_t>(tau);
        const Real fraction = tau - static_cast<Real>(before);
        activity[before * n + i] = Real(1) - fraction;
        if (before + 1 < presentation.steps) activity[(before + 1) * n + i] = fraction;
      } else {
        activity[static_cast<std::size_t>(std::lround(tau)) * n + i] = Real(1);
      }
    }
  }

  /// As tau grows, the share of the step before it goes over to the step after it.
  void backward(std::span<const Real> values, const Presentation& presentation,
                std::span<const Real> grad_activity, std::span<Real> grad_values) const override {
    const std::size_t n = values.size();
    std::fill(grad_values.begin(), grad_values.end(), Real(0));
    if (presentation.steps < 2) return;
    const auto last = presentation.steps - 1;
    for (std::size_t i = 0; i < n; ++i) {
      if (!(values[i] > silent_below_) || values[i] > Real(1)) continue;
      const auto tau = spike_time(values[i], presentation.steps);
      const auto before = std::min(static_cast<std::size_t>(tau), last - 1);
      grad_values[i] = static_cast<Real>(last) *
                       (grad_activity[before * n + i] - grad_activity[(before + 1) * n + i]);
    }
  }

 private:
  static Real spike_time(Real value, std::size_t steps) {
    return (Real(1) - std::min(value, Real(1))) * static_cast<Real>(steps - 1);
  }

  Real silent_below_;
};

[[maybe_unused]] const auto& registered = add_kind<LatencyEncoding, LatencyParameters>(
    encodings(), "latency", "one spike per input, the earlier the larger the value",
    "Thorpe, Delorme & Van Rullen 2001, Neural Netw. 14:715-725");

}  // namespace
}  // namespace ranvier
