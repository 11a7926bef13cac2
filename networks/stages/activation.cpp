#include "networks/stages/activation.hpp"

#include <algorithm>
#include <cmath>

#include "core/parameter.hpp"

namespace ranvier {
namespace {

template <class Real>
class Relu final : public Activation<Real> {
 public:
  explicit Relu(const NoParameters&) {}

  void forward(std::span<const Real> z, Real /*p*/, std::span<Real> y) const override {
    std::ranges::transform(z, y.begin(), [](Real x) { return std::max(x, Real(0)); });
  }
  double backward(std::span<const Real> z, std::span<const Real> /*y*/, Real /*p*/,
                  std::size_t /*neurons*/, std::span<const Real> grad_y,
                  std::span<Real> grad_z) const override {
    for (std::size_t i = 0; i < z.size(); ++i) grad_z[i] = z[i] > Real(0) ? grad_y[i] : Real(0);
    return 0.0;
  }
  std::optional<Levels> levels(double /*p*/) const override { return std::nullopt; }
};

/// dL/dz of a clip to [0, top] whose steps count as the identity, and the sum of grad (y - z 1[in]).
template <class Real>
double straight_through(std::span<const Real> z, std::span<const Real> y, Real top,
                        std::span<const Real> grad_y, std::span<Real> grad_z) {
  double sum = 0.0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const bool inside = z[i] > Real(0) && z[i] < top;
    grad_z[i] = inside ? grad_y[i] : Real(0);
    sum += static_cast<double>(grad_y[i] * (y[i] - (inside ? z[i] : Real(0))));
  }
  return sum;
}

struct QcfsParameters {
  std::int64_t levels = 4;
  double threshold = 8.0;

  static std::vector<Field<QcfsParameters>> fields() {
    return {integer("levels", &QcfsParameters::levels, at_least_one, "steps between 0 and lambda"),
            real("threshold", &QcfsParameters::threshold, "", positive, "lambda before training")};
  }
};

template <class Real>
class Qcfs final : public Activation<Real> {
 public:
  explicit Qcfs(const QcfsParameters& p) : parameters_(p) {}

  std::optional<double> initial() const override { return parameters_.threshold; }
  std::string trained_name() const override { return "lambda"; }

  void forward(std::span<const Real> z, Real p, std::span<Real> y) const override {
    const auto L = static_cast<Real>(parameters_.levels);
    std::ranges::transform(z, y.begin(), [=](Real x) {
      return p * (std::floor(std::clamp(x / p, Real(0), Real(1)) * L + Real(0.5)) / L);
    });
  }
  double backward(std::span<const Real> z, std::span<const Real> y, Real p, std::size_t /*neurons*/,
                  std::span<const Real> grad_y, std::span<Real> grad_z) const override {
    return straight_through(z, y, p, grad_y, grad_z) / static_cast<double>(p);
  }
  std::optional<Levels> levels(double p) const override {
    return Levels{static_cast<std::size_t>(parameters_.levels), p};
  }

 private:
  QcfsParameters parameters_;
};

struct LsqParameters {
  std::int64_t bits = 2;
  double step = 0.3;

  static std::vector<Field<LsqParameters>> fields() {
    return {integer("bits", &LsqParameters::bits, Bounds{.lower = 1.0, .upper = 16.0},
                    "the levels are 0 .. 2^bits - 1"),
            real("step", &LsqParameters::step, "", positive, "height of a level before training")};
  }
};

template <class Real>
class Lsq final : public Activation<Real> {
 public:
  explicit Lsq(const LsqParameters& p)
      : step_(p.step), top_(static_cast<double>((std::int64_t{1} << p.bits) - 1)) {}

  std::optional<double> initial() const override { return step_; }
  std::string trained_name() const override { return "quantum"; }

  void forward(std::span<const Real> z, Real p, std::span<Real> y) const override {
    const auto Q = static_cast<Real>(top_);
    std::ranges::transform(
        z, y.begin(), [=](Real x) { return p * std::nearbyint(std::clamp(x / p, Real(0), Q)); });
  }
  double backward(std::span<const Real> z, std::span<const Real> y, Real p, std::size_t neurons,
                  std::span<const Real> grad_y, std::span<Real> grad_z) const override {
    const double sum = straight_through(z, y, static_cast<Real>(top_) * p, grad_y, grad_z);
    return sum / static_cast<double>(p) / std::sqrt(static_cast<double>(neurons) * top_);
  }
  std::optional<Levels> levels(double p) const override {
    return Levels{static_cast<std::size_t>(top_), top_ * p};
  }

 private:
  double step_, top_;
};

Registry<Kind<Activation>> built_in() {
  Registry<Kind<Activation>> registry("activation");
  add_kind<Relu, NoParameters>(registry, "relu", "max(z, 0)",
                               "Rueckauer et al. 2017, Front. Neurosci. 11:682, of its conversion");
  add_kind<Qcfs, QcfsParameters>(registry, "qcfs",
                                 "quantisation clip-floor-shift with a trained threshold",
                                 "Bu et al. 2022, ICLR, arXiv:2303.04347");
  add_kind<Lsq, LsqParameters>(registry, "lsq", "quantisation with a trained step",
                               "Esser et al. 2020, ICLR, arXiv:1902.08153");
  return registry;
}

}  // namespace

Registry<Kind<Activation>>& activations() {
  static auto registry = built_in();
  return registry;
}

template <class Real>
std::vector<Tensor> ActivationStage<Real>::tensors() const {
  if (!activation_->initial()) return {};
  return {{activation_->trained_name(), {1}, 0}};
}

template <class Real>
void ActivationStage<Real>::initialise(std::uint64_t /*seed*/, std::uint32_t /*index*/,
                                       std::span<Real> trained,
                                       std::span<Real> /*statistics*/) const {
  if (const auto value = activation_->initial()) trained[0] = static_cast<Real>(*value);
}

template <class Real>
void ActivationStage<Real>::forward(const StagePass<Real>& pass, std::span<Real> output) const {
  activation_->forward(pass.input.values,
                       pass.numbers.trained.empty() ? Real(0) : pass.numbers.trained[0], output);
}

template <class Real>
void ActivationStage<Real>::backward(const StagePass<Real>& pass,
                                     const StageGradients<Real>& gradients) const {
  auto grad_input = gradients.grad_input;
  if (grad_input.empty()) {
    pass.record.scratch.resize(pass.input.values.size());
    grad_input = pass.record.scratch;
  }
  const bool trained = !pass.numbers.trained.empty();
  const double slope = activation_->backward(pass.input.values, gradients.output,
                                             trained ? pass.numbers.trained[0] : Real(0),
                                             shape_.size(), gradients.grad_output, grad_input);
  if (trained) gradients.grad_trained[0] += static_cast<Real>(slope);
}

template class ActivationStage<float>;
template class ActivationStage<double>;

}  // namespace ranvier
