#include "plasticity/error_transport.hpp"

#include <cmath>

namespace ranvier {
namespace {

/// The exact adjoint of the forward weights.
template <class Real>
class Transpose final : public ErrorTransport<Real> {
 public:
  explicit Transpose(const NoParameters&) {}

  std::span<const Real> matrix(std::span<const Real> weights, std::span<const Real> /*kept*/,
                               std::size_t /*outputs*/,
                               std::vector<Real>& /*scratch*/) const override {
    return weights;
  }
};

/// Drawn once from U(-1/sqrt(inputs), 1/sqrt(inputs)) and never trained.
template <class Real>
class FeedbackAlignment : public ErrorTransport<Real> {
 public:
  explicit FeedbackAlignment(const NoParameters&) {}

  bool has_matrix() const override { return true; }

  void draw(const RandomStream& stream, std::size_t outputs, std::size_t inputs,
            std::span<Real> matrix) const override {
    const double reach = 1.0 / std::sqrt(static_cast<double>(inputs));
    for (std::size_t i = 0; i < outputs; ++i) {
      for (std::size_t j = 0; j < inputs; ++j) {
        auto draws = stream.at(static_cast<std::uint32_t>(i), j);
        matrix[i * inputs + j] = static_cast<Real>(reach * (2.0 * draws.uniform() - 1.0));
      }
    }
  }

  std::span<const Real> matrix(std::span<const Real> /*weights*/, std::span<const Real> kept,
                               std::size_t /*outputs*/,
                               std::vector<Real>& /*scratch*/) const override {
    return kept;
  }
};

/// The same matrices, from the classes to each layer.
template <class Real>
class DirectFeedback final : public FeedbackAlignment<Real> {
 public:
  using FeedbackAlignment<Real>::FeedbackAlignment;

  bool direct() const override { return true; }
  bool has_matrix() const override { return false; }

  std::span<const Real> matrix(std::span<const Real> weights, std::span<const Real> /*kept*/,
                               std::size_t /*outputs*/,
                               std::vector<Real>& /*scratch*/) const override {
    return weights;
  }
};

/// The signs of the weights, of one magnitude: 1/sqrt(inputs).
template <class Real>
class SignSymmetric final : public ErrorTransport<Real> {
 public:
  explicit SignSymmetric(const NoParameters&) {}

  std::span<const Real> matrix(std::span<const Real> weights, std::span<const Real> /*kept*/,
                               std::size_t outputs, std::vector<Real>& scratch) const override {
    const double inputs = static_cast<double>(weights.size()) / static_cast<double>(outputs);
    const auto magnitude = static_cast<Real>(1.0 / std::sqrt(inputs));
    scratch.resize(weights.size());
    for (std::size_t i = 0; i < weights.size(); ++i) {
      scratch[i] = weights[i] == Real(0) ? Real(0) : std::copysign(magnitude, weights[i]);
    }
    return scratch;
  }
};

Registry<Kind<ErrorTransport>> built_in() {
  Registry<Kind<ErrorTransport>> registry("error transport");
  add_kind<Transpose, NoParameters>(registry, "transpose", "the transpose of the forward weights",
                                    "Werbos 1990, Proc. IEEE 78:1550-1560");
  add_kind<FeedbackAlignment, NoParameters>(
      registry, "feedback_alignment", "a fixed random matrix",
      "Lillicrap, Cownden, Tweed & Akerman 2016, Nat. Commun. 7:13276");
  add_kind<DirectFeedback, NoParameters>(
      registry, "direct_feedback", "fixed random matrices from the output to every hidden layer",
      "Nokland 2016, NeurIPS, arXiv:1609.01596");
  add_kind<SignSymmetric, NoParameters>(
      registry, "sign_symmetric", "the signs of the forward weights",
      "Xiao, Chen, Liao & Poggio 2018, arXiv:1811.03567; magnitude of the linear layers of HLOP's "
      "released program");
  return registry;
}

}  // namespace

Registry<Kind<ErrorTransport>>& error_transports() {
  static auto registry = built_in();
  return registry;
}

}  // namespace ranvier
