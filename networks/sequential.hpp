#pragma once

/// A feed-forward spiking network that learns: an encoding, layers one after another, and a readout
/// that turns the last layer's activity into class scores. Within a step activity passes through all
/// layers, so an answer exists after one step whatever the depth.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/parameter.hpp"
#include "networks/encoding.hpp"
#include "networks/layers/layer.hpp"
#include "plasticity/loss.hpp"
#include "plasticity/rate_regularisation.hpp"
#include "plasticity/surrogate.hpp"

namespace ranvier {

/// What a network is, without its weights. The last layer has one neuron per class.
struct SequentialDescription {
  std::size_t inputs = 0;
  std::size_t steps = 10;
  double step = 1.0;  ///< duration of one step in ms
  Choice encoding{"current", {}};
  std::vector<LayerDescription> layers;
  Choice surrogate{"fast_sigmoid", {}};
  Choice loss{"mean_membrane", {}};
  bool detach_reset = true;  ///< no gradient through the spike in the reset
};

/// One chunk of samples on its way through the network and back. Its vectors grow to the largest
/// chunk met and are then reused.
template <class Real>
struct SequentialTrace {
  std::vector<std::uint32_t> samples;  ///< [B] index of each in its data set
  std::vector<Real> values;            ///< [B][D]
  std::vector<EventList> events;       ///< [B], where the encoding reads events
  std::vector<Real> activity;          ///< [T][B][D], or [1][B][D] where the encoding is constant
  std::vector<LayerTrace<Real>> layers;
  std::vector<Real> grad_activity;
};

/// What training makes small, summed over the samples of a chunk.
struct Objective {
  double loss = 0.0;
  double penalty = 0.0;     ///< on the firing rates of the hidden layers
  std::size_t correct = 0;  ///< samples whose label has the highest score after the last step
};

template <class Real>
class Sequential {
 public:
  /// Draws the initial weights from `seed`. With `smoothed` spikes are replaced by the smooth
  /// functions the surrogate derivatives belong to, so that finite differences of the loss equal
  /// the gradient. Throws UnknownName, InvalidValue or Unsupported, naming the layer or part.
  Sequential(SequentialDescription description, std::uint64_t seed, bool smoothed = false);

  const SequentialDescription& description() const noexcept { return description_; }
  std::size_t inputs() const noexcept { return description_.inputs; }
  std::size_t classes() const noexcept { return layers_.back()->outputs(); }
  std::size_t steps() const noexcept { return description_.steps; }
  const Layer<Real>& layer(std::size_t index) const { return *layers_.at(index); }

  /// All weights and biases: tensor after tensor, layer after layer.
  std::span<Real> parameters() noexcept { return parameters_; }
  std::span<const Real> parameters() const noexcept { return parameters_; }

  /// Where each tensor lies in `parameters()`; names are "<layer>.weight", "<layer>.bias".
  const std::vector<Tensor>& tensors() const noexcept { return tensors_; }
  /// The tensor called `name`; throws UnknownName.
  std::span<Real> tensor(std::string_view name);
  std::span<const Real> tensor(std::string_view name) const;

  /// Runs `trace.values` [B][D], which the caller fills, with `trace.samples` their index in the
  /// data set. `seed` and `epoch` (0 in evaluation) matter to encodings that draw random numbers.
  void forward(std::uint64_t seed, std::uint32_t epoch, SequentialTrace<Real>& trace) const;

  /// Output of the last layer after `forward`.
  Output<Real> output(const SequentialTrace<Real>& trace) const;

  /// Loss and penalty of the chunk after `forward`.
  Objective objective(std::span<const std::uint8_t> labels, const RateRegularisation& penalty,
                      const SequentialTrace<Real>& trace) const;

  /// The same plus the gradient of `weight` times it: added to `grad_parameters` and, unless that is
  /// empty, written to `grad_values` [B][D].
  Objective backward(std::span<const std::uint8_t> labels, const RateRegularisation& penalty,
                     double weight, SequentialTrace<Real>& trace, std::span<Real> grad_parameters,
                     std::span<Real> grad_values = {}) const;

  /// The loss, whose readout also defines the scores of the classes after each step.
  const Loss<Real>& loss() const noexcept { return *loss_; }

 private:
  Activity<Real> input_of(std::size_t layer, const SequentialTrace<Real>& trace) const;
  std::span<const Real> parameters_of_layer(std::size_t layer) const;
  Presentation presentation(std::uint64_t seed, std::uint32_t epoch,
                            const SequentialTrace<Real>& trace) const;
  const SpikeFunction<Real>& threshold() const noexcept;

  SequentialDescription description_;
  bool smoothed_;
  std::unique_ptr<Encoding<Real>> encoding_;
  std::vector<std::unique_ptr<Layer<Real>>> layers_;
  std::unique_ptr<Surrogate<Real>> surrogate_;
  std::unique_ptr<SmoothedThreshold<Real>> smooth_threshold_;
  std::unique_ptr<Loss<Real>> loss_;
  std::vector<std::size_t> offsets_;  ///< where each layer's parameters begin, and the end
  std::vector<Tensor> tensors_;
  std::vector<Real> parameters_;
};

}  // namespace ranvier
