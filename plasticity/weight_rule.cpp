#include "plasticity/weight_rule.hpp"

#include <algorithm>

#include "core/matrix.hpp"

namespace ranvier {
namespace {

/// dL/dW = sum over rows of error x presynaptic^T: the gradient.
template <class Real>
class Backpropagation final : public WeightRule<Real> {
 public:
  explicit Backpropagation(const NoParameters&) {}

  void accumulate(const SynapticActivity<Real>& activity, std::span<Real> grad_weights,
                  std::span<Real> grad_bias) const override {
    const auto stride = std::max(activity.error_stride, activity.outputs);
    const auto error = matrix_view(activity.error, activity.rows, activity.outputs, stride);
    if (activity.spikes != nullptr) {
      add_products(*activity.spikes, activity.error, activity.outputs, stride, grad_weights);
    } else {
      matrix_view(grad_weights, activity.outputs).noalias() +=
          error.transpose() * matrix_view(activity.presynaptic, activity.rows);
    }
    if (grad_bias.empty()) return;
    // Row by row: the order in which Eigen sums a column depends on where the buffer lies.
    auto bias = matrix_view(grad_bias, 1);
    for (Eigen::Index row = 0; row < error.rows(); ++row) bias.row(0) += error.row(row);
  }
};

Registry<Kind<WeightRule>> built_in() {
  Registry<Kind<WeightRule>> registry("weight rule");
  add_kind<Backpropagation, NoParameters>(registry, "backpropagation",
                                          "the gradient of the loss through layers and time",
                                          "Werbos 1990, Proc. IEEE 78:1550-1560");
  return registry;
}

}  // namespace

Registry<Kind<WeightRule>>& weight_rules() {
  static auto registry = built_in();
  return registry;
}

}  // namespace ranvier
