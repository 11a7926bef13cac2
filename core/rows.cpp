#include "core/rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <type_traits>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

/// Turns a delay in ms into what rows store, or refuses it.
template <class Delay>
struct DelayOf;

template <>
struct DelayOf<std::uint16_t> {
  const TimeGrid& grid;

  std::uint16_t operator()(double ms, const std::string& projection) const {
    if (ms == 0.0) return 0;
    const auto steps = grid.nearest(ms);
    if (!(ms >= grid.resolution() * (1.0 - 1e-9))) {
      throw InvalidValue(
          fmt::format("delay of projection '{}' is {} ms; expected at least the resolution, {} ms",
                      projection, ms, grid.resolution()));
    }
    constexpr Step longest = longest_delay_in_steps;
    if (!(ms <= grid.ms(longest))) {
      throw InvalidValue(
          fmt::format("delay of projection '{}' is {} ms; expected at most {} ms "
                      "({} steps of the resolution)",
                      projection, ms, grid.ms(longest), longest));
    }
    return static_cast<std::uint16_t>(steps);
  }
};

template <>
struct DelayOf<double> {
  double operator()(double ms, const std::string& projection) const {
    if (!(ms >= 0.0 && std::isfinite(ms))) {
      throw InvalidValue(fmt::format(
          "delay of projection '{}' is {} ms; expected a time of at least 0 ms", projection, ms));
    }
    return ms;
  }
};

/// Everything needed to fill in one synapse.
template <class Delay>
class SynapseMaker {
 public:
  SynapseMaker(const Network& network, std::size_t index, std::uint64_t seed, DelayOf<Delay> delay)
      : spec_(network.projections()[index]),
        target_size_(network.populations()[network.population_index(spec_.target)].size),
        model_(network.model_of(network.population_index(spec_.target))),
        weights_(seed, Purpose::weight, static_cast<std::uint32_t>(index)),
        delays_(seed, Purpose::delay, static_cast<std::uint32_t>(index)),
        delay_(delay),
        weight_name_("weight of projection '" + spec_.name + "'") {
    if (!spec_.port.empty()) port_ = model_.port_index(spec_.port);
    if (const auto common = spec_.delay->constant()) common_delay_ = delay_(*common, spec_.name);
    if (const auto common = spec_.weight->constant()) {
      common_weight_ = *common;
      common_port_ = port_for(model_, port_, *common);
      check_sign(model_, *common_port_, *common, weight_name_);
    }
    is_drawn_ = !spec_.weight->constant() && !spec_.weight->size();
  }

  std::optional<Delay> common_delay() const { return common_delay_; }

  double weight(const Synapse& synapse) const {
    if (common_weight_) return *common_weight_;
    const double value = spec_.weight->value(synapse.key, weights_);
    const double weight = is_drawn_ ? as_float(value) : value;
    if (!std::isfinite(weight)) {
      throw InvalidValue(fmt::format(
          "weight of projection '{}' from neuron {} to neuron {} is {}; expected a finite number",
          spec_.name, synapse.source, synapse.target, weight));
    }
    return weight;
  }

  std::uint32_t cell(const Synapse& synapse, double weight) const {
    const auto port = common_port_ ? *common_port_ : port_for(model_, port_, weight);
    if (!common_port_) check_sign(model_, port, weight, weight_name_);
    return static_cast<std::uint32_t>(port * target_size_ + synapse.target);
  }

  Delay delay(const Synapse& synapse) const {
    const auto value = delay_(spec_.delay->value(synapse.key, delays_), spec_.name);
    if (value == Delay{}) {
      throw InvalidValue(
          fmt::format("a delay of projection '{}' is 0 ms; only a constant delay may "
                      "be zero, expected a positive time",
                      spec_.name));
    }
    return value;
  }

 private:
  /// The nearest float, where that keeps the relative precision of floats.
  static double as_float(double value) {
    const double size = std::abs(value);
    const bool is_normal =
        size >= std::numeric_limits<float>::min() && size <= std::numeric_limits<float>::max();
    return is_normal ? static_cast<double>(static_cast<float>(value)) : value;
  }

  const ProjectionSpec& spec_;
  std::size_t target_size_;
  const NeuronModel& model_;
  RandomStream weights_, delays_;
  DelayOf<Delay> delay_;
  std::string weight_name_;  ///< for error messages
  std::optional<std::size_t> port_;
  std::optional<Delay> common_delay_;
  std::optional<double> common_weight_;
  std::optional<std::size_t> common_port_;
  bool is_drawn_ = false;  ///< the weight, from a distribution
};

/// A column's part [begin, begin + order.size()) in another order.
template <class Column>
void permute(Column& column, std::size_t begin, const std::vector<std::size_t>& order) {
  if (column.empty()) return;
  Column moved(order.size());
  for (std::size_t k = 0; k < order.size(); ++k) moved[k] = column[order[k]];
  std::ranges::copy(moved, column.begin() + static_cast<std::ptrdiff_t>(begin));
}

/// The order of a row that is in order of cells by delay: a stable counting sort. `ends` is scratch.
void order_by_delay(std::span<const std::uint16_t> delays, std::size_t begin,
                    std::vector<std::size_t>& ends, std::vector<std::size_t>& order) {
  const auto [shortest, longest] = std::ranges::minmax(delays);
  ends.assign(static_cast<std::size_t>(longest - shortest) + 2, 0);
  for (const auto delay : delays) ++ends[static_cast<std::size_t>(delay - shortest) + 1];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  order.resize(delays.size());
  for (std::size_t k = 0; k < delays.size(); ++k) {
    order[ends[static_cast<std::size_t>(delays[k] - shortest)]++] = begin + k;
  }
}

/// Scratch of order_row.
struct RowOrder {
  std::vector<std::size_t> order, ends;
};

/// Puts the synapses of one row in order of (delay, cell), equal ones as they were drawn.
template <class Delay>
void order_row(Rows<Delay>& rows, std::size_t begin, std::size_t end, RowOrder& scratch) {
  const auto before = [&](std::size_t a, std::size_t b) {
    const auto delay_a = rows.delay_of(a), delay_b = rows.delay_of(b);
    return delay_a != delay_b ? delay_a < delay_b : rows.cell[a] < rows.cell[b];
  };
  bool ordered = true;
  for (std::size_t k = begin + 1; k < end && ordered; ++k) ordered = !before(k, k - 1);
  if (ordered) return;

  const auto cells = std::span(rows.cell).subspan(begin, end - begin);
  auto& order = scratch.order;
  bool sorted = false;
  if constexpr (std::is_same_v<Delay, std::uint16_t>) {
    if (!rows.delay.empty() && std::ranges::is_sorted(cells)) {
      order_by_delay(std::span(rows.delay).subspan(begin, end - begin), begin, scratch.ends, order);
      sorted = true;
    }
  }
  if (!sorted) {
    order.resize(end - begin);
    std::iota(order.begin(), order.end(), begin);
    std::ranges::stable_sort(order, before);
  }
  permute(rows.cell, begin, order);
  permute(rows.weight, begin, order);
  permute(rows.delay, begin, order);
}

template <class Delay>
Rows<Delay> build(const Network& network, std::size_t index, std::uint64_t seed,
                  NeuronRange targets, DelayOf<Delay> delay_of) {
  const auto& spec = network.projections()[index];
  const auto source = network.population_index(spec.source);
  const auto target = network.population_index(spec.target);
  const ConnectionProblem problem{
      .sources = network.populations()[source].size,
      .targets = network.populations()[target].size,
      .same_population = source == target,
      .autapses = spec.autapses,
      .multapses = spec.multapses,
      .random = RandomStream(seed, Purpose::connectivity, static_cast<std::uint32_t>(index))};
  const SynapseMaker<Delay> make(network, index, seed, delay_of);

  Rows<Delay> rows;
  rows.targets = targets;
  rows.start.assign(problem.sources + 1, 0);
  spec.rule->generate(problem, targets, [&](std::span<const Synapse> synapses) {
    for (const auto& synapse : synapses) ++rows.start[synapse.source + 1];
  });
  std::partial_sum(rows.start.begin(), rows.start.end(), rows.start.begin());

  const auto count = rows.start.back();
  rows.cell.resize(count);
  rows.weight.resize(count);
  if (make.common_delay()) {
    rows.common_delay = *make.common_delay();
  } else {
    rows.delay.resize(count);
  }
  std::vector<std::uint64_t> next(rows.start.begin(), rows.start.end() - 1);
  spec.rule->generate(problem, targets, [&](std::span<const Synapse> synapses) {
    for (const auto& synapse : synapses) {
      const auto k = next[synapse.source]++;
      rows.weight[k] = make.weight(synapse);
      rows.cell[k] = make.cell(synapse, rows.weight[k]);
      if (!rows.delay.empty()) rows.delay[k] = make.delay(synapse);
    }
  });
  RowOrder scratch;
  for (std::size_t s = 0; s < problem.sources; ++s) {
    order_row(rows, rows.start[s], rows.start[s + 1], scratch);
  }
  return rows;
}

}  // namespace

GridRows build_grid_rows(const Network& network, std::size_t index, std::uint64_t seed,
                         NeuronRange targets, const TimeGrid& grid) {
  return build(network, index, seed, targets, DelayOf<std::uint16_t>{grid});
}

ExactRows build_exact_rows(const Network& network, std::size_t index, std::uint64_t seed,
                           NeuronRange targets) {
  return build(network, index, seed, targets, DelayOf<double>{});
}

}  // namespace ranvier
