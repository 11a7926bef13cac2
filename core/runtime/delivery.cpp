#include "core/runtime/delivery.hpp"

#include <algorithm>
#include <limits>

namespace ranvier {
namespace {

/// Calls `use` with the column that is filled.
template <class Narrow, class Wide, class Use>
void with_filled(const PackedColumn<Narrow, Wide>& column, Use&& use) {
  if (column.wide.empty()) {
    use(column.narrow.data());
  } else {
    use(column.wide.data());
  }
}

template <class Narrow, class Wide>
void pack(std::vector<Wide> const& values, PackedColumn<Narrow, Wide>& column) {
  const auto fits = [](Wide value) {
    if constexpr (std::numeric_limits<Wide>::is_integer) {
      return value <= std::numeric_limits<Narrow>::max();
    } else {
      // Out of the range of Narrow the conversion would be undefined.
      return value >= std::numeric_limits<Narrow>::lowest() &&
             value <= std::numeric_limits<Narrow>::max() &&
             static_cast<Wide>(static_cast<Narrow>(value)) == value;
    }
  };
  if (std::ranges::all_of(values, fits)) {
    column.narrow.resize(values.size());
    std::ranges::transform(values, column.narrow.begin(),
                           [](Wide value) { return static_cast<Narrow>(value); });
  } else {
    column.wide = values;
  }
}

}  // namespace

PackedRows::PackedRows(const GridRows& rows) : start_(rows.start) {
  pack(rows.cell, cell_);
  pack_weights(rows);
  longest_delay_ = rows.common_delay;
  if (!rows.delay.empty()) make_segments(rows);
}

void PackedRows::pack_weights(const GridRows& rows) {
  if (rows.weight.empty()) return;
  common_weight_ = rows.weight.front();
  const bool common =
      std::ranges::all_of(rows.weight, [&](double weight) { return weight == common_weight_; });
  if (!common) pack(rows.weight, weight_);
}

void PackedRows::make_segments(const GridRows& rows) {
  constexpr auto most = std::numeric_limits<std::uint16_t>::max();
  segment_start_.assign(1, 0);
  for (std::size_t source = 0; source < rows.sources(); ++source) {
    for (auto k = rows.start[source]; k < rows.start[source + 1]; ++k) {
      const bool first = segments_.size() == segment_start_.back();
      if (first || segments_.back().delay != rows.delay[k] || segments_.back().count == most) {
        segments_.push_back({rows.delay[k], 0});
      }
      ++segments_.back().count;
      longest_delay_ = std::max<std::size_t>(longest_delay_, rows.delay[k]);
    }
    segment_start_.push_back(segments_.size());
  }
  segments_.shrink_to_fit();
}

std::size_t PackedRows::bytes() const {
  return (start_.size() + segment_start_.size()) * sizeof(std::uint64_t) + cell_.bytes() +
         weight_.bytes() + segments_.size() * sizeof(Segment);
}

double PackedRows::bytes_of(double sources, double synapses, double cells, double weight_bytes,
                            double segments) {
  constexpr double narrow_cells = 65536.0;
  const double cell_bytes = cells <= narrow_cells ? sizeof(std::uint16_t) : sizeof(std::uint32_t);
  const double starts = (sources + 1.0) * sizeof(std::uint64_t);
  return starts + (segments > 0.0 ? starts + segments * sizeof(Segment) : 0.0) +
         synapses * (cell_bytes + weight_bytes);
}

void PackedRows::prefetch(std::uint64_t begin) const {
  with_filled(cell_, [&](const auto* cell) { __builtin_prefetch(cell + begin); });
  with_filled(weight_, [&](const auto* weight) {
    if (weight != nullptr) __builtin_prefetch(weight + begin);
  });
}

void PackedRows::deliver(std::uint64_t begin, std::uint64_t count, double* arrivals) const {
  with_filled(cell_, [&](const auto* cells) {
    const auto* cell = cells + begin;
    if (weight_.bytes() == 0) {
      for (std::uint64_t k = 0; k < count; ++k) arrivals[cell[k]] += common_weight_;
      return;
    }
    with_filled(weight_, [&](const auto* weights) {
      const auto* weight = weights + begin;
      for (std::uint64_t k = 0; k < count; ++k) {
        arrivals[cell[k]] += static_cast<double>(weight[k]);
      }
    });
  });
}

}  // namespace ranvier
