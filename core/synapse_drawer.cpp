#include "core/synapse_drawer.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {

std::uint16_t DelayUnit<std::uint16_t>::operator()(double ms, const std::string& projection) const {
  if (ms == 0.0) return 0;
  if (!(ms >= grid.resolution() * (1.0 - 1e-9))) {
    throw InvalidValue(
        fmt::format("delay of projection '{}' is {} ms; expected at least the resolution, {} ms",
                    projection, ms, grid.resolution()));
  }
  if (!(ms <= grid.ms(longest_delay_in_steps))) {
    throw InvalidValue(fmt::format(
        "delay of projection '{}' is {} ms; expected at most {} ms ({} steps of the resolution)",
        projection, ms, grid.ms(longest_delay_in_steps), longest_delay_in_steps));
  }
  // What `nearest` answers, inline.
  return static_cast<std::uint16_t>(std::floor(ms / grid.resolution() + 0.5));
}

double DelayUnit<double>::operator()(double ms, const std::string& projection) const {
  if (!(ms >= 0.0 && std::isfinite(ms))) {
    throw InvalidValue(fmt::format(
        "delay of projection '{}' is {} ms; expected a time of at least 0 ms", projection, ms));
  }
  return ms;
}

ConnectionProblem connection_problem(const Network& network, std::size_t projection,
                                     std::uint64_t seed) {
  const auto& spec = network.projections()[projection];
  const auto source = network.population_index(spec.source);
  const auto target = network.population_index(spec.target);
  return {
      .sources = network.populations()[source].size,
      .targets = network.populations()[target].size,
      .same_population = source == target,
      .autapses = spec.autapses,
      .multapses = spec.multapses,
      .random = RandomStream(seed, Purpose::connectivity, static_cast<std::uint32_t>(projection))};
}

template <class Delay>
SynapseDrawer<Delay>::SynapseDrawer(const Network& network, std::size_t projection,
                                    std::uint64_t seed, DelayUnit<Delay> unit)
    : spec_(network.projections()[projection]),
      model_(network.model_of(network.population_index(spec_.target))),
      weights_(seed, Purpose::weight, static_cast<std::uint32_t>(projection)),
      delays_(seed, Purpose::delay, static_cast<std::uint32_t>(projection)),
      unit_(unit),
      weight_name_("weight of projection '" + spec_.name + "'") {
  if (!spec_.port.empty()) named_port_ = model_.port_index(spec_.port);
  if (const auto delay = spec_.delay->constant()) common_delay_ = unit_(*delay, spec_.name);
  common_weight_ = spec_.weight->constant();
  if (common_weight_) {
    common_port_ = port_for(model_, named_port_, *common_weight_);
    check_sign(model_, *common_port_, *common_weight_, weight_name_);
    check_plastic(*common_weight_);
  } else {
    common_port_ = named_port_;
    // A rule keeps weights on one side of zero.
    if (spec_.plasticity && !common_port_) {
      common_port_ = port_for(model_, named_port_, spec_.plasticity->weight_bounds().lower);
    }
  }
  rounds_to_float_ = !common_weight_ && !spec_.weight->size();
}

template <class Delay>
void SynapseDrawer<Delay>::draw(std::span<const Synapse> synapses, DrawnSynapses<Delay>& drawn) {
  if (common_weight_ && common_delay_) return;
  keys_.resize(synapses.size());
  std::ranges::transform(synapses, keys_.begin(), &Synapse::key);
  if (!common_weight_) {
    draw_weights(synapses, drawn);
    if (common_port_) {
      check_signs(drawn);
    } else {
      choose_ports(drawn);
    }
  }
  if (!common_delay_) draw_delays(drawn);
}

template <class Delay>
void SynapseDrawer<Delay>::draw_weights(std::span<const Synapse> synapses,
                                        DrawnSynapses<Delay>& drawn) const {
  auto& weight = drawn.weight;
  weight.resize(synapses.size());
  spec_.weight->values(keys_, weights_, weight);
  if (rounds_to_float_) {
    for (auto& value : weight) value = static_cast<double>(static_cast<float>(value));
  }
  const auto bad = std::ranges::find_if_not(weight, [](double w) { return std::isfinite(w); });
  if (bad == weight.end()) return;
  const auto& synapse = synapses[static_cast<std::size_t>(bad - weight.begin())];
  throw InvalidValue(fmt::format("{} from neuron {} to neuron {} is {}; expected a finite number",
                                 weight_name_, synapse.source, synapse.target, *bad));
}

template <class Delay>
void SynapseDrawer<Delay>::check_plastic(double weight) const {
  if (!spec_.plasticity || spec_.plasticity->weight_bounds().contains(weight)) return;
  throw InvalidValue(fmt::format("{} is {}; {} expects weights {}", weight_name_, weight,
                                 spec_.plasticity->name(),
                                 spec_.plasticity->weight_bounds().describe()));
}

template <class Delay>
void SynapseDrawer<Delay>::check_signs(const DrawnSynapses<Delay>& drawn) const {
  for (const double weight : drawn.weight) check_plastic(weight);
  if (drawn.weight.empty() || model_.ports[*common_port_].sign == WeightSign::any) return;
  const auto [lowest, highest] = std::ranges::minmax(drawn.weight);
  check_sign(model_, *common_port_, lowest, weight_name_);
  check_sign(model_, *common_port_, highest, weight_name_);
}

template <class Delay>
void SynapseDrawer<Delay>::choose_ports(DrawnSynapses<Delay>& drawn) const {
  const auto checked = [&](double weight) {
    const auto port = port_for(model_, named_port_, weight);
    check_sign(model_, port, weight, weight_name_);
    return static_cast<std::uint8_t>(port);
  };
  // A port depends on nothing but the weight's sign: one question for each sign that occurs.
  std::optional<std::uint8_t> of_negative, of_others;
  drawn.port.resize(drawn.weight.size());
  for (std::size_t k = 0; k < drawn.weight.size(); ++k) {
    auto& port = drawn.weight[k] < 0.0 ? of_negative : of_others;
    if (!port) port = checked(drawn.weight[k]);
    drawn.port[k] = *port;
  }
}

template <class Delay>
void SynapseDrawer<Delay>::draw_delays(DrawnSynapses<Delay>& drawn) {
  milliseconds_.resize(keys_.size());
  spec_.delay->values(keys_, delays_, milliseconds_);
  drawn.delay.resize(keys_.size());
  for (std::size_t k = 0; k < keys_.size(); ++k) {
    drawn.delay[k] = unit_(milliseconds_[k], spec_.name);
    if (drawn.delay[k] == Delay{}) {
      throw InvalidValue(fmt::format(
          "a delay of projection '{}' is 0 ms; only a constant delay may be zero, expected a "
          "positive time",
          spec_.name));
    }
  }
}

template class SynapseDrawer<std::uint16_t>;
template class SynapseDrawer<double>;

}  // namespace ranvier
