#pragma once

/// From the synapses that a connection rule names to their ports, weights and delays, a batch at a
/// time, checked.

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/network.hpp"
#include "core/time_grid.hpp"

namespace ranvier {

/// The longest delay that rows on the grid can store.
inline constexpr Step longest_delay_in_steps = std::numeric_limits<std::uint16_t>::max();

/// What a batch of synapses is. A column stays empty where the projection has one value for all.
template <class Delay>
struct DrawnSynapses {
  std::vector<double> weight;
  std::vector<std::uint8_t> port;
  std::vector<Delay> delay;
};

/// Turns a delay in ms into what rows store: steps on the grid, ms off it.
template <class Delay>
struct DelayUnit;

template <>
struct DelayUnit<std::uint16_t> {
  TimeGrid grid;

  std::uint16_t operator()(double ms, const std::string& projection) const;
};

template <>
struct DelayUnit<double> {
  double operator()(double ms, const std::string& projection) const;
};

/// The pair of populations that a projection connects, as its rule wants it.
ConnectionProblem connection_problem(const Network& network, std::size_t projection,
                                     std::uint64_t seed);

/// `Delay`: std::uint16_t (steps) or double (ms). A weight from a distribution is rounded to the
/// nearest float, so that it can be stored as one; constants and listed weights stay as they are.
/// Throws InvalidValue, naming the projection, for a weight that is not finite, does not suit its
/// port or lies where its plasticity rule allows none, and for a delay that is negative, not finite, below one step of the grid, or longer than
/// 65535 steps.
template <class Delay>
class SynapseDrawer {
 public:
  SynapseDrawer(const Network& network, std::size_t projection, std::uint64_t seed,
                DelayUnit<Delay> unit);

  std::optional<double> common_weight() const { return common_weight_; }
  std::optional<std::size_t> common_port() const { return common_port_; }
  std::optional<Delay> common_delay() const { return common_delay_; }

  /// Overwrites `drawn`.
  void draw(std::span<const Synapse> synapses, DrawnSynapses<Delay>& drawn);

 private:
  void draw_weights(std::span<const Synapse> synapses, DrawnSynapses<Delay>& drawn) const;
  void draw_delays(DrawnSynapses<Delay>& drawn);
  void check_signs(const DrawnSynapses<Delay>& drawn) const;
  void check_plastic(double weight) const;
  void choose_ports(DrawnSynapses<Delay>& drawn) const;

  const ProjectionSpec& spec_;
  const NeuronModel& model_;
  RandomStream weights_, delays_;
  DelayUnit<Delay> unit_;
  std::string weight_name_;  ///< for error messages
  std::optional<std::size_t> named_port_;
  std::optional<double> common_weight_;
  std::optional<std::size_t> common_port_;
  std::optional<Delay> common_delay_;
  bool rounds_to_float_ = false;
  std::vector<std::uint64_t> keys_;
  std::vector<double> milliseconds_;
};

extern template class SynapseDrawer<std::uint16_t>;
extern template class SynapseDrawer<double>;

}  // namespace ranvier
