#pragma once

/// Synapses whose weights are shared over a plane: each filter sees a square of the input, the same
/// weights wherever that lies. Weights [filters][channels / groups][kernel][kernel], as in PyTorch.
///
///     output[f][y][x] = b[f] + sum over c, i, j of W[f][c][i][j] input[c][s y + i - p][s x + j - p]
///
/// with stride s and zeros beyond a border of p. With groups, each group of filters sees a group of
/// channels alone.

#include "networks/stages/plane_window.hpp"
#include "networks/stages/sparse_patches.hpp"
#include "networks/stages/synapses.hpp"

namespace ranvier {

struct ConvolutionParameters : SynapseParameters {
  std::int64_t filters = 8;
  std::int64_t kernel = 3;
  std::int64_t stride = 1;
  std::int64_t padding = 0;
  std::int64_t groups = 1;

  static std::vector<Field<ConvolutionParameters>> fields();
};

template <class Real>
class ConvolutionStage final : public Stage<Real> {
 public:
  /// Throws InvalidValue, naming `where`, for groups that do not divide channels and filters, a
  /// kernel larger than the padded input, or a weight rule other than backpropagation.
  ConvolutionStage(const ConvolutionParameters& parameters, const SynapseLearning& learning,
                   Shape input, const std::string& where);

  Shape shape() const override { return {filters_, plane_.out_height, plane_.out_width}; }
  std::vector<Tensor> tensors() const override { return weights_.tensors(weight_shape()); }
  std::vector<Tensor> statistics() const override { return weights_.statistics(weight_shape()); }
  void initialise(std::uint64_t seed, std::uint32_t index, std::span<Real> trained,
                  std::span<Real> statistics) const override {
    weights_.initialise(seed, index, trained, statistics);
  }
  void forward(const StagePass<Real>& pass, std::span<Real> output) const override;
  void backward(const StagePass<Real>& pass, const StageGradients<Real>& gradients) const override;
  std::optional<LinearMap> linear(const StageNumbers<Real>& numbers) const override;

 private:
  std::vector<std::size_t> weight_shape() const;
  std::size_t channels_per_group() const { return input_.channels / groups_; }
  std::size_t filters_per_group() const { return filters_ / groups_; }
  /// Inputs of one filter at one place.
  std::size_t patch() const { return channels_per_group() * plane_.kernel * plane_.kernel; }
  /// The weights of a group, out of those of all.
  template <class T>
  std::span<T> of_group(std::span<T> weights, std::size_t group) const {
    const std::size_t count = filters_per_group() * patch();
    return weights.subspan(group * count, count);
  }
  void add_bias(std::span<const Real> bias, std::span<Real> sums) const;
  void learn(const StagePass<Real>& pass, const StageGradients<Real>& gradients,
             std::size_t group) const;
  std::span<const Real> columns_of(std::span<const Real> channels, std::vector<Real>& room) const;
  /// The patches of one group of channels, as columns [patch][places], and their adjoint.
  void gather(std::span<const Real> channels, std::span<Real> columns) const;
  void scatter(std::span<const Real> columns, std::span<Real> channels) const;

  Shape input_;
  std::size_t filters_, groups_;
  PlaneWindow plane_;
  SparsePatches<Real> sparse_;
  SynapticWeights<Real> weights_;
};

}  // namespace ranvier
