#include "core/runtime/packed_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include "core/synapse_drawer.hpp"

namespace ranvier {
namespace {

using StepDrawer = SynapseDrawer<std::uint16_t>;

/// A projection of the bundle, and where its targets' cells lie.
struct Part {
  const ConnectionRule& rule;
  ConnectionProblem problem;
  StepDrawer drawer;
  NeuronRange targets;
  std::vector<std::size_t> first_cell;  ///< by port, of neuron 0 of the target population
  std::size_t lowest_cell, highest_cell;
};

Part make_part(const Network& network, std::size_t projection, std::uint64_t seed,
               const CellLayout& layout, const TimeGrid& grid) {
  const auto& spec = network.projections()[projection];
  const auto target = network.population_index(spec.target);
  Part part{.rule = *spec.rule,
            .problem = connection_problem(network, projection, seed),
            .drawer = StepDrawer(network, projection, seed, {grid}),
            .targets = layout.range(target),
            .first_cell = {},
            .lowest_cell = std::numeric_limits<std::size_t>::max(),
            .highest_cell = 0};
  for (std::size_t port = 0; port < network.model_of(target).ports.size(); ++port) {
    const auto first = layout.first(target, port);
    // May wrap below zero; adding a target of the range leads back.
    part.first_cell.push_back(first - part.targets.begin);
    if (part.drawer.common_port().value_or(port) != port) continue;
    part.lowest_cell = std::min(part.lowest_cell, first);
    part.highest_cell = std::max(part.highest_cell, first + part.targets.size());
  }
  return part;
}

struct None {};

/// A synapse of a row whose order is still to be found: together, so that putting it there is one
/// access to memory.
template <class Cell, class Weight>
struct Draft {
  [[no_unique_address]] Weight weight;
  Cell cell;
  std::uint16_t delay;
};

/// The order of a row by delay, equal ones as they were: a counting sort.
class DelayOrder {
 public:
  explicit DelayOrder(std::size_t longest_delay) : counts_(longest_delay + 1) {}

  /// Calls `segment(delay, count)` for every delay that occurs, ascending, then
  /// `put(place, synapse)` for every synapse of the row.
  template <class Synapses, class Use, class Put>
  void order(const Synapses& row, Use&& segment, Put&& put) {
    if (row.empty()) return;
    std::uint16_t shortest = std::numeric_limits<std::uint16_t>::max(), longest = 0;
    for (const auto& synapse : row) {
      shortest = std::min(shortest, synapse.delay);
      longest = std::max(longest, synapse.delay);
      ++counts_[synapse.delay];
    }
    std::uint32_t before = 0;
    for (std::size_t delay = shortest; delay <= longest; ++delay) {
      const auto count = std::exchange(counts_[delay], before);
      before += count;
      if (count > 0) segment(static_cast<std::uint16_t>(delay), count);
    }
    for (const auto& synapse : row) put(counts_[synapse.delay]++, synapse);
    std::fill(counts_.begin() + shortest, counts_.begin() + longest + 1, 0);
  }

 private:
  std::vector<std::uint32_t> counts_;  ///< zero between rows
};

}  // namespace

class PackedRowsBuilder {
 public:
  PackedRowsBuilder(PackedRows& rows, const Network& network, const Bundle& bundle,
                    std::uint64_t seed, const CellLayout& layout, const TimeGrid& grid,
                    LargeArray<std::byte>& scratch, std::size_t plastic_bytes)
      : rows_(rows),
        storage_(bundle.storage),
        is_instantaneous_(bundle.instantaneous),
        in_floats_(storage_ == WeightStorage::drawn ||
                   (storage_ == WeightStorage::plastic && plastic_bytes == sizeof(float))),
        scratch_(scratch) {
    for (const auto projection : bundle.projections) {
      parts_.push_back(make_part(network, projection, seed, layout, grid));
    }
    rows_.has_common_weight_ = storage_ == WeightStorage::common;
    rows_.common_weight_ = bundle.common_weight.value_or(0.0);
  }

  void build() {
    count();
    const bool narrow = find_cells() <= std::size_t{std::numeric_limits<std::uint16_t>::max()} + 1;
    if (narrow) {
      fill_and_order(rows_.cell_.narrow);
    } else {
      fill_and_order(rows_.cell_.wide);
    }
    if (storage_ == WeightStorage::listed) narrow_weights();
    if (is_instantaneous_) share();
  }

 private:
  void count() {
    auto& start = rows_.start_;
    start.assign(parts_.front().problem.sources + 1, 0);
    for (const auto& part : parts_) {
      part.rule.generate(part.problem, part.targets, [&](std::span<const Synapse> synapses) {
        for (const auto& synapse : synapses) ++start[synapse.source + 1];
      });
    }
    std::partial_sum(start.begin(), start.end(), start.begin());
    rows_.synapses_ = start.back();
  }

  /// How many cells the bundle's targets span.
  std::size_t find_cells() {
    rows_.first_cell_ = std::numeric_limits<std::size_t>::max();
    rows_.end_cell_ = 0;
    for (const auto& part : parts_) {
      rows_.first_cell_ = std::min(rows_.first_cell_, part.lowest_cell);
      rows_.end_cell_ = std::max(rows_.end_cell_, part.highest_cell);
    }
    return rows_.end_cell_ - rows_.first_cell_;
  }

  /// The delay of all synapses, where it is one.
  std::optional<std::uint16_t> common_delay() const {
    const auto first = parts_.front().drawer.common_delay();
    const bool all = std::ranges::all_of(
        parts_, [&](const Part& part) { return part.drawer.common_delay() == first; });
    return all ? first : std::nullopt;
  }

  template <class Cell>
  void fill_and_order(LargeArray<Cell>& cells) {
    cells.resize(rows_.size());
    if (in_floats_) {
      rows_.weight_.narrow.resize(rows_.size());
      fill_and_order(cells.data(), rows_.weight_.narrow.data());
    } else if (storage_ == WeightStorage::listed || storage_ == WeightStorage::plastic) {
      rows_.weight_.wide.resize(rows_.size());
      fill_and_order(cells.data(), rows_.weight_.wide.data());
    } else {
      None none;
      fill_and_order(cells.data(), &none);
    }
  }

  template <class Cell, class Weight>
  void fill_and_order(Cell* cells, Weight* weights) {
    if (const auto common = common_delay()) {
      rows_.shortest_delay_ = rows_.longest_delay_ = rows_.size() > 0 ? *common : 0;
      fill<Cell, Weight>([&](std::uint64_t place, const Draft<Cell, Weight>& draft) {
        put(cells, weights, place, draft);
      });
      return;
    }
    using D = Draft<Cell, Weight>;
    scratch_.resize(std::max(scratch_.size(), rows_.size() * sizeof(D)));
    const std::span drafts(reinterpret_cast<D*>(scratch_.data()), rows_.size());
    fill<Cell, Weight>([&](std::uint64_t place, const D& draft) { drafts[place] = draft; });
    order<Cell, Weight>(cells, weights, drafts);
  }

  template <class Cell, class Weight>
  static void put(Cell* cells, Weight* weights, std::uint64_t place,
                  const Draft<Cell, Weight>& draft) {
    cells[place] = draft.cell;
    if constexpr (!std::is_same_v<Weight, None>) weights[place] = draft.weight;
  }

  /// Hands every synapse to `put` with its place in its row, in the order in which it is drawn.
  template <class Cell, class Weight, class Put>
  void fill(Put&& put) {
    std::vector<std::uint64_t> next(rows_.start_.begin(), rows_.start_.end() - 1);
    DrawnSynapses<std::uint16_t> drawn;
    for (auto& part : parts_) {
      auto& drawer = part.drawer;
      const auto delay = drawer.common_delay();
      const auto weight = drawer.common_weight();
      const auto port = drawer.common_port();
      part.rule.generate(part.problem, part.targets, [&](std::span<const Synapse> synapses) {
        drawer.draw(synapses, drawn);
        for (std::size_t s = 0; s < synapses.size(); ++s) {
          const auto first = part.first_cell[port ? *port : drawn.port[s]];
          Draft<Cell, Weight> draft{
              .weight = {},
              .cell = static_cast<Cell>(first + synapses[s].target - rows_.first_cell_),
              .delay = delay ? *delay : drawn.delay[s]};
          if constexpr (!std::is_same_v<Weight, None>) {
            draft.weight = static_cast<Weight>(weight ? *weight : drawn.weight[s]);
          }
          put(next[synapses[s].source]++, draft);
        }
      });
    }
  }

  template <class Cell, class Weight>
  void order(Cell* cells, Weight* weights, std::span<const Draft<Cell, Weight>> drafts) {
    std::uint16_t shortest = std::numeric_limits<std::uint16_t>::max(), longest = 0;
    for (const auto& draft : drafts) {
      shortest = std::min(shortest, draft.delay);
      longest = std::max(longest, draft.delay);
    }
    rows_.shortest_delay_ = drafts.empty() ? 0 : shortest;
    rows_.longest_delay_ = longest;
    DelayOrder by_delay(longest);
    rows_.segment_start_.assign(1, 0);
    for (std::size_t source = 0; source + 1 < rows_.start_.size(); ++source) {
      const auto begin = rows_.start_[source];
      by_delay.order(
          drafts.subspan(begin, rows_.start_[source + 1] - begin),
          [&](std::uint16_t delay, std::uint32_t count) { add_segments(delay, count); },
          [&](std::uint32_t place, const auto& draft) {
            put(cells, weights, begin + place, draft);
          });
      rows_.segment_start_.push_back(rows_.segments_.size());
    }
    rows_.segments_.shrink_to_fit();
  }

  void add_segments(std::uint16_t delay, std::uint32_t count) {
    constexpr std::uint32_t most = std::numeric_limits<std::uint16_t>::max();
    for (; count > most; count -= most) {
      rows_.segments_.push_back({delay, static_cast<std::uint16_t>(most)});
    }
    rows_.segments_.push_back({delay, static_cast<std::uint16_t>(count)});
  }

  /// Lists hold doubles; most were written with few digits or trained as floats.
  void narrow_weights() {
    auto& [floats, doubles] = rows_.weight_;
    if (!are_floats(doubles)) return;
    floats.assign(doubles.begin(), doubles.end());
    doubles = {};
  }

  void share() {
    if (storage_ == WeightStorage::plastic) return;
    const auto share = [&](auto& cells, auto& weights) {
      using Cell = typename std::remove_reference_t<decltype(cells)>::value_type;
      using Weight = typename std::remove_reference_t<decltype(weights)>::value_type;
      return RowSharer<Cell, Weight>(rows_.start_, cells, weights).share();
    };
    const auto with_weights = [&](auto& cells) {
      auto& [floats, doubles] = rows_.weight_;
      return doubles.empty() ? share(cells, floats) : share(cells, doubles);
    };
    auto& [narrow, wide] = rows_.cell_;
    if (auto found = wide.empty() ? with_weights(narrow) : with_weights(wide)) {
      rows_.sharing_ = std::move(*found);
    }
  }

  PackedRows& rows_;
  WeightStorage storage_;
  bool is_instantaneous_;
  bool in_floats_;
  std::vector<Part> parts_;
  LargeArray<std::byte>& scratch_;
};

PackedRows::PackedRows(const Network& network, const Bundle& bundle, std::uint64_t seed,
                       const CellLayout& layout, const TimeGrid& grid,
                       LargeArray<std::byte>& scratch, std::size_t plastic_bytes) {
  PackedRowsBuilder(*this, network, bundle, seed, layout, grid, scratch, plastic_bytes).build();
}

std::size_t PackedRows::bytes() const {
  return (start_.size() + segment_start_.size()) * sizeof(std::uint64_t) + cell_.bytes() +
         weight_.bytes() + segments_.size() * sizeof(Segment) + sharing_.bytes();
}

double PackedRows::bytes_of(double sources, double synapses, double cell_bytes, double weight_bytes,
                            double segments) {
  const double starts = (sources + 1.0) * sizeof(std::uint64_t);
  return starts + (segments > 0.0 ? starts + segments * sizeof(Segment) : 0.0) +
         synapses * (cell_bytes + weight_bytes);
}

}  // namespace ranvier
