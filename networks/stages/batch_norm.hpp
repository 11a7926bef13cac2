#pragma once

/// Batch normalisation: each channel brought to mean beta and deviation gamma over a batch.
///
///     y = gamma (x - mean) / sqrt(variance + epsilon) + beta
///
/// In training mean and variance are those of the batch, over samples, the steps of the window and
/// the plane; running averages of them (the variance unbiased) serve in evaluation. With gamma
/// starting at the threshold of the neurons behind it, this is threshold-dependent normalisation.
///
/// Source: S. Ioffe & C. Szegedy, "Batch Normalization", ICML 2015, arXiv:1502.03167; over steps: H.
/// Zheng et al., "Going Deeper With Directly-Trained Larger Spiking Neural Networks", AAAI 2021,
/// arXiv:2011.05280.

#include <vector>

#include "core/parameter.hpp"
#include "networks/stages/stage.hpp"

namespace ranvier {

struct BatchNormParameters {
  double scale = 1.0;
  double momentum = 0.1;
  double epsilon = 1e-5;

  static std::vector<Field<BatchNormParameters>> fields();
};

template <class Real>
class BatchNormStage final : public BatchStage<Real> {
 public:
  BatchNormStage(const BatchNormParameters& parameters, Shape input)
      : parameters_(parameters), shape_(input) {}

  Shape shape() const override { return shape_; }
  std::vector<Tensor> tensors() const override;
  std::vector<Tensor> statistics() const override;
  void initialise(std::uint64_t seed, std::uint32_t index, std::span<Real> trained,
                  std::span<Real> statistics) const override;
  void forward(const StagePass<Real>& pass, std::span<Real> output) const override;
  void backward(const StagePass<Real>& pass, const StageGradients<Real>& gradients) const override;

  std::size_t sums() const override { return 2 * shape_.channels; }
  std::size_t values_per_row() const override { return shape_.area(); }
  void collect(const Activity<Real>& input, std::span<double> sums) const override;
  void settle(std::size_t count, std::span<double> sums) const override;
  void collect_back(const ChunkWindow& window, const StageNumbers<Real>& numbers,
                    const Activity<Real>& input, std::span<const Real> grad_output,
                    std::span<double> sums) const override;
  void update(std::span<const double> batch, std::size_t count,
              std::span<Real> statistics) const override;
  std::optional<LinearMap> linear(const StageNumbers<Real>& numbers) const override;

 private:
  /// What a channel is normalised by: those of the batch in training, else the running averages.
  struct Line {
    double mean, inverse_deviation;
  };
  Line line(const ChunkWindow& window, const StageNumbers<Real>& numbers, std::size_t c) const;

  BatchNormParameters parameters_;
  Shape shape_;
};

}  // namespace ranvier
