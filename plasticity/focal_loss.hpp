#pragma once

/// Focal and dual focal loss: cross-entropy that cares less about samples that are right already,
/// which keeps a network from growing more confident than it is accurate.
///
///     focal:       L = -(1 - p_y)^gamma ln p_y
///     dual focal:  L = -(1 - p_y + p_j)^gamma ln p_y
///
/// with p = softmax(z / temperature) and p_j the largest probability strictly below p_y, 0 where
/// there is none: the class ranked right after the true one, not the best wrong one. gamma = 0 is
/// cross-entropy. Which class is j is not differentiated; gradients flow through p_j.
///
/// Sources: T.-Y. Lin et al., ICCV 2017, arXiv:1708.02002; L. Tao, M. Dong, C. Xu, "Dual Focal Loss
/// for Calibration", ICML 2023, arXiv:2305.13665, as in its released program.

#include <cstddef>
#include <span>

namespace ranvier {

/// In the order of the choices of `focal` of a loss.
enum class Focal { none, focal, dual_focal };

/// The loss of scores [K] against a label; writes the gradient by the scores [K].
double focal_loss(Focal kind, double gamma, double temperature, std::span<const double> scores,
                  std::size_t label, std::span<double> grad);

}  // namespace ranvier
