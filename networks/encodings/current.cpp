/// Direct encoding: the value itself is the activity of every step, so the first layer's weighted
/// sum needs computing once for the whole window.

#include <algorithm>

#include "networks/encoding.hpp"

namespace ranvier {
namespace {

struct CurrentParameters {
  double gain = 1.0;

  static std::vector<Field<CurrentParameters>> fields() {
    return {real("gain", &CurrentParameters::gain, "", any_real, "activity per unit of the value")};
  }
};

template <class Real>
class CurrentEncoding final : public Encoding<Real> {
 public:
  explicit CurrentEncoding(const CurrentParameters& p) : gain_(static_cast<Real>(p.gain)) {}

  bool constant() const override { return true; }

  void encode(std::span<const Real> values, const Presentation&, bool /*smoothed*/,
              std::span<Real> activity) const override {
    scale(values, activity);
  }

  void backward(std::span<const Real> /*values*/, const Presentation&,
                std::span<const Real> grad_activity, std::span<Real> grad_values) const override {
    scale(grad_activity, grad_values);
  }

 private:
  void scale(std::span<const Real> from, std::span<Real> to) const {
    std::transform(from.begin(), from.end(), to.begin(), [this](Real x) { return gain_ * x; });
  }

  Real gain_;
};

[[maybe_unused]] const auto& registered = add_kind<CurrentEncoding, CurrentParameters>(
    encodings(), "current", "the value itself, as a constant drive at every step",
    "Rueckauer et al. 2017, Front. Neurosci. 11:682");

}  // namespace
}  // namespace ranvier
