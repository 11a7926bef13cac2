/// Rate encoding: at each step an input spikes with probability p = value x max_rate x step, clamped
/// to [0, 1]. The draw is a pure function of (seed, epoch, sample, step, feature).

#include <algorithm>
#include <array>

#include "core/random.hpp"
#include "networks/encoding.hpp"

namespace ranvier {
namespace {

struct PoissonParameters {
  double max_rate = 1000.0;

  static std::vector<Field<PoissonParameters>> fields() {
    return {real("max_rate", &PoissonParameters::max_rate, "Hz", positive,
                 "rate of an input whose value is one; 1000 Hz is a spike per ms")};
  }
};

template <class Real>
class PoissonEncoding final : public Encoding<Real> {
 public:
  explicit PoissonEncoding(const PoissonParameters& p) : spikes_per_ms_(p.max_rate / 1000.0) {}

  bool constant() const override { return false; }

  /// Smoothed, the activity is its expectation p.
  void encode(std::span<const Real> values, const Presentation& presentation, bool smoothed,
              std::span<Real> activity) const override {
    const RandomStream stream(presentation.seed, Purpose::encoding, presentation.epoch);
    const std::size_t samples = presentation.samples.size();
    const std::size_t features = samples == 0 ? 0 : values.size() / samples;
    for (std::size_t t = 0; t < presentation.steps; ++t) {
      for (std::size_t b = 0; b < samples; ++b) {
        const auto from = values.subspan(b * features, features);
        const auto to = activity.subspan((t * samples + b) * features, features);
        if (smoothed) {
          std::transform(from.begin(), from.end(), to.begin(),
                         [&](Real x) { return probability(x, presentation.step); });
        } else {
          draw_row(stream, presentation, b, t, from, to);
        }
      }
    }
  }

  /// Straight-through: the gradient of the expectation.
  void backward(std::span<const Real> values, const Presentation& presentation,
                std::span<const Real> grad_activity, std::span<Real> grad_values) const override {
    std::fill(grad_values.begin(), grad_values.end(), Real(0));
    for (std::size_t t = 0; t < presentation.steps; ++t) {
      const auto grad = grad_activity.subspan(t * values.size(), values.size());
      for (std::size_t i = 0; i < values.size(); ++i) grad_values[i] += grad[i];
    }
    const Real p_slope = slope(presentation.step);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Real p = values[i] * p_slope;
      grad_values[i] *= p > Real(0) && p < Real(1) ? p_slope : Real(0);
    }
  }

 private:
  Real slope(double step) const { return static_cast<Real>(spikes_per_ms_ * step); }

  Real probability(Real value, double step) const {
    return std::clamp(value * slope(step), Real(0), Real(1));
  }

  /// One Philox block serves four neighbouring features; where all four are silent, as in most of an
  /// image's background, none is drawn.
  void draw_row(const RandomStream& stream, const Presentation& presentation, std::size_t b,
                std::size_t t, std::span<const Real> values, std::span<Real> spikes) const {
    constexpr double words = 4294967296.0;  // 2^32
    for (std::size_t first = 0; first < values.size(); first += 4) {
      const std::size_t count = std::min<std::size_t>(4, values.size() - first);
      std::array<double, 4> p{};
      for (std::size_t k = 0; k < count; ++k) {
        p[k] = probability(values[first + k], presentation.step);
      }
      if (p == std::array<double, 4>{}) {
        std::fill_n(spikes.begin() + static_cast<std::ptrdiff_t>(first), count, Real(0));
        continue;
      }
      auto draws = stream.at(presentation.samples[b], std::uint64_t{t} << 32 | first / 4);
      for (std::size_t k = 0; k < count; ++k) {
        spikes[first + k] = draws.bits() < p[k] * words ? Real(1) : Real(0);
      }
    }
  }

  double spikes_per_ms_;
};

[[maybe_unused]] const auto& registered = add_kind<PoissonEncoding, PoissonParameters>(
    encodings(), "poisson", "independent spikes with a probability per step proportional to value",
    "Diehl & Cook 2015, Front. Comput. Neurosci. 9:99; gradient: Bengio, Leonard & Courville 2013, "
    "arXiv:1308.3432");

}  // namespace
}  // namespace ranvier
