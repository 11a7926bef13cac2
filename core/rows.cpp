#include "core/rows.hpp"

#include <algorithm>
#include <numeric>
#include <type_traits>

namespace ranvier {
namespace {

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
                  NeuronRange targets, DelayUnit<Delay> unit) {
  const auto& rule = *network.projections()[index].rule;
  const auto problem = connection_problem(network, index, seed);
  SynapseDrawer<Delay> drawer(network, index, seed, unit);

  Rows<Delay> rows;
  rows.targets = targets;
  rows.start.assign(problem.sources + 1, 0);
  rule.generate(problem, targets, [&](std::span<const Synapse> synapses) {
    for (const auto& synapse : synapses) ++rows.start[synapse.source + 1];
  });
  std::partial_sum(rows.start.begin(), rows.start.end(), rows.start.begin());

  const auto count = rows.start.back();
  rows.cell.resize(count);
  rows.weight.resize(count);
  if (drawer.common_delay()) {
    rows.common_delay = *drawer.common_delay();
  } else {
    rows.delay.resize(count);
  }
  std::vector<std::uint64_t> next(rows.start.begin(), rows.start.end() - 1);
  DrawnSynapses<Delay> drawn;
  rule.generate(problem, targets, [&](std::span<const Synapse> synapses) {
    drawer.draw(synapses, drawn);
    for (std::size_t s = 0; s < synapses.size(); ++s) {
      const auto k = next[synapses[s].source]++;
      const std::size_t port = drawer.common_port() ? *drawer.common_port() : drawn.port[s];
      rows.cell[k] = static_cast<std::uint32_t>(port * problem.targets + synapses[s].target);
      rows.weight[k] = drawer.common_weight() ? *drawer.common_weight() : drawn.weight[s];
      if (!rows.delay.empty()) rows.delay[k] = drawn.delay[s];
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
  return build(network, index, seed, targets, DelayUnit<std::uint16_t>{grid});
}

ExactRows build_exact_rows(const Network& network, std::size_t index, std::uint64_t seed,
                           NeuronRange targets) {
  return build(network, index, seed, targets, DelayUnit<double>{});
}

}  // namespace ranvier
