#include "plasticity/optimiser.hpp"

#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

struct SgdParameters {
  double learning_rate = 0.01;
  double momentum = 0.9;
  bool nesterov = false;
  double weight_decay = 0.0;

  static std::vector<Field<SgdParameters>> fields() {
    using P = SgdParameters;
    return {
        real("learning_rate", &P::learning_rate, "", non_negative, "step along the gradient"),
        real("momentum", &P::momentum, "", Bounds{.lower = 0.0, .upper = 1.0, .upper_open = true},
             "share of the velocity kept at each update"),
        boolean("nesterov", &P::nesterov, "look ahead along the velocity"),
        real("weight_decay", &P::weight_decay, "", non_negative,
             "times the weights, added to the gradient"),
    };
  }
};

struct AdamParameters {
  double learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;
  bool decoupled = true;

  static std::vector<Field<AdamParameters>> fields() {
    using P = AdamParameters;
    const Bounds below_one{.lower = 0.0, .upper = 1.0, .upper_open = true};
    return {
        real("learning_rate", &P::learning_rate, "", non_negative,
             "step where gradients agree from update to update"),
        real("beta_1", &P::beta_1, "", below_one, "decay of the mean gradient"),
        real("beta_2", &P::beta_2, "", below_one, "decay of the mean squared gradient"),
        real("epsilon", &P::epsilon, "", positive, "added to the root of the mean square"),
        real("weight_decay", &P::weight_decay, "", non_negative, "pull of the weights to zero"),
        boolean("decoupled", &P::decoupled,
                "decay the weights themselves (AdamW) instead of adding to the gradient"),
    };
  }
};

template <class Real>
void check(std::span<const Real> gradient, std::span<Real> weights,
           const OptimiserState<Real>& state) {
  if (gradient.size() != weights.size()) {
    throw InvalidValue(fmt::format("the gradient has {} values; expected {}, one for each weight",
                                   gradient.size(), weights.size()));
  }
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    if (std::isfinite(gradient[i])) continue;
    throw InvalidValue(
        fmt::format("gradient of weight {} at update {} is {}; expected a finite number (a smaller "
                    "learning rate keeps weights from diverging)",
                    i, state.updates + 1, gradient[i]));
  }
}

/// A moment that is present, or zero where it has not been needed before.
template <class Real>
std::span<Real> moment(std::vector<Real>& values, std::size_t n) {
  if (values.empty()) values.resize(n);
  if (values.size() != n) {
    throw InvalidValue(
        fmt::format("the optimiser's state is for {} weights; expected {}", values.size(), n));
  }
  return values;
}

/// v = momentum v + g;  w -= rate v, or with Nesterov's look-ahead w -= rate (g + momentum v).
/// Sutskever et al. 2013, ICML, in the form that keeps the rate outside the velocity.
template <class Real>
class Sgd final : public Optimiser<Real> {
 public:
  explicit Sgd(const SgdParameters& p) : p_(p) {}

  double learning_rate() const override { return p_.learning_rate; }

  void update(std::span<const Real> gradient, double factor, std::span<Real> weights,
              OptimiserState<Real>& state) const override {
    check(gradient, weights, state);
    const auto velocity = moment(state.first, weights.size());
    const auto rate = static_cast<Real>(p_.learning_rate * factor);
    const auto kept = static_cast<Real>(p_.momentum);
    const auto decay = static_cast<Real>(p_.weight_decay);
    const Real own = p_.nesterov ? Real(1) : Real(0);
    const Real along = p_.nesterov ? kept : Real(1);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const Real g = gradient[i] + decay * weights[i];
      velocity[i] = kept * velocity[i] + g;
      weights[i] -= rate * (own * g + along * velocity[i]);
    }
    ++state.updates;
  }

 private:
  SgdParameters p_;
};

/// m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;
/// w -= rate m/(1 - b1^t) / (sqrt(v/(1 - b2^t)) + epsilon)
template <class Real>
class Adam final : public Optimiser<Real> {
 public:
  explicit Adam(const AdamParameters& p) : p_(p) {}

  double learning_rate() const override { return p_.learning_rate; }

  void update(std::span<const Real> gradient, double factor, std::span<Real> weights,
              OptimiserState<Real>& state) const override {
    check(gradient, weights, state);
    const auto mean = moment(state.first, weights.size());
    const auto square = moment(state.second, weights.size());
    const auto t = static_cast<double>(++state.updates);
    const double rate = p_.learning_rate * factor;
    const auto b1 = static_cast<Real>(p_.beta_1);
    const auto b2 = static_cast<Real>(p_.beta_2);
    const auto step = static_cast<Real>(rate / (1.0 - std::pow(p_.beta_1, t)));
    const auto root = static_cast<Real>(1.0 / std::sqrt(1.0 - std::pow(p_.beta_2, t)));
    const auto epsilon = static_cast<Real>(p_.epsilon);
    const auto added = static_cast<Real>(p_.decoupled ? 0.0 : p_.weight_decay);
    const auto kept = static_cast<Real>(p_.decoupled ? 1.0 - rate * p_.weight_decay : 1.0);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const Real g = gradient[i] + added * weights[i];
      mean[i] = b1 * mean[i] + (Real(1) - b1) * g;
      square[i] = b2 * square[i] + (Real(1) - b2) * g * g;
      weights[i] = kept * weights[i] - step * mean[i] / (root * std::sqrt(square[i]) + epsilon);
    }
  }

 private:
  AdamParameters p_;
};

Registry<Kind<Optimiser>> built_in() {
  Registry<Kind<Optimiser>> registry("optimiser");
  add_kind<Sgd, SgdParameters>(registry, "sgd", "gradient descent with momentum",
                               "Sutskever, Martens, Dahl & Hinton 2013, ICML");
  add_kind<Adam, AdamParameters>(registry, "adam",
                                 "steps scaled by running moments of the gradient",
                                 "Kingma & Ba 2015, ICLR, arXiv:1412.6980; decoupled decay: "
                                 "Loshchilov & Hutter 2019, ICLR, arXiv:1711.05101");
  return registry;
}

}  // namespace

Registry<Kind<Optimiser>>& optimisers() {
  static auto registry = built_in();
  return registry;
}

}  // namespace ranvier
