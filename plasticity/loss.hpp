#pragma once

/// Losses of classification over time. A loss defines the readout: which score each class has after
/// each step. Training and early decisions use the same scores.
///
///     z[t]  = score of the output up to step t                  (last, mean, max or sum)
///     p[t]  = softmax(z[t] / temperature)
///     loss  = -sum_k q_k ln p_k[T]                              (or its mean over all steps t)
///
/// with q the label, mixed with the uniform distribution by `label_smoothing`, or the focal losses of
/// focal_loss.hpp in its place. The loss over all steps may pull the scores towards a value as well.

#include <cstddef>
#include <cstdint>
#include <span>

#include "plasticity/kind.hpp"

namespace ranvier {

/// Output of the last layer over a window, for a chunk of samples.
template <class Real>
struct Output {
  std::span<const Real> values;  ///< [T][B][K]
  std::size_t steps = 0;
  std::size_t samples = 0;
  std::size_t classes = 0;
};

/// The right answers to a chunk, and what error messages call its samples.
struct Labels {
  std::span<const std::uint8_t> classes;        ///< [B]
  std::span<const std::uint32_t> samples = {};  ///< [B] index in the data set; empty: 0, 1, ...
};

struct LossValue {
  double loss = 0.0;        ///< sum over samples
  std::size_t correct = 0;  ///< samples whose label has the highest score after the last step
};

template <class Real>
class Loss {
 public:
  virtual ~Loss() = default;

  /// Loss of a chunk. Unless `grad` is empty, writes to it [T][B][K] the gradient of `weight` times
  /// the loss; with weight 1/N the chunks of a batch of N add up to the gradient of the mean.
  /// Throws InvalidValue where a label is no class, naming the sample, where an output is not
  /// finite, naming step and sample, or where a shape does not fit.
  virtual LossValue evaluate(const Output<Real>& output, const Labels& labels, double weight,
                             std::span<Real> grad) const = 0;

  /// Writes z [T][B][K], the scores of the classes after each step.
  virtual void scores_over_time(const Output<Real>& output, std::span<double> scores) const = 0;
};

/// mean_membrane, max_membrane, last_membrane, spike_count, every_step.
Registry<Kind<Loss>>& losses();

/// The class of the highest score, the lowest such class in a tie.
std::size_t predicted_class(std::span<const double> scores);

}  // namespace ranvier
