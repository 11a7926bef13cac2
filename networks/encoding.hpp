#pragma once

/// Encodings: how samples, values or events, enter a spiking network as activity over a window of
/// steps.
/// Arrays are time-major, [T][B][n], as everywhere in the gradient runtime.

#include <cstddef>
#include <cstdint>
#include <span>

#include "networks/examples.hpp"
#include "plasticity/kind.hpp"

namespace ranvier {

/// How a chunk of samples is shown. An encoding that draws random numbers is a pure function of a
/// sample's values and of these.
struct Presentation {
  std::size_t steps = 0;
  double step = 1.0;  ///< duration of one step in ms
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0;                 ///< 0 in evaluation, 1 and up in training
  std::span<const std::uint32_t> samples;  ///< [B] index of each sample in its data set
  std::span<const EventList> events{};     ///< [B] for an encoding that reads events
};

/// One way to encode B samples of D features over T steps.
template <class Real>
class Encoding {
 public:
  virtual ~Encoding() = default;

  /// True where samples are events: `values` then tells their number and width, not what they are.
  virtual bool reads_events() const { return false; }

  /// True where the same row arrives at every step: `activity` is then [1][B][D].
  virtual bool constant() const = 0;

  /// Writes `activity` [T][B][D] for `values` [B][D]. With `smoothed` the output is the
  /// differentiable function whose gradient `backward` returns, in place of spikes.
  virtual void encode(std::span<const Real> values, const Presentation& presentation, bool smoothed,
                      std::span<Real> activity) const = 0;

  /// From dL/d(activity), summed over time where `constant()`, to dL/d(values) [B][D].
  virtual void backward(std::span<const Real> values, const Presentation& presentation,
                        std::span<const Real> grad_activity, std::span<Real> grad_values) const = 0;
};

/// All encodings known to this process.
Registry<Kind<Encoding>>& encodings();

}  // namespace ranvier
