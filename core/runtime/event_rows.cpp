#include "core/runtime/event_rows.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace ranvier {

template <class Delay>
void EventRows::take_columns(const Rows<Delay>& rows) {
  synapses_ = rows.size();
  start_ = rows.start;
  cell_.assign(rows.cell.begin(), rows.cell.end());
  if (const auto common = common_value(rows.weight)) {
    common_weight_ = *common;
  } else if (are_floats(rows.weight)) {
    weight_.narrow.assign(rows.weight.begin(), rows.weight.end());
  } else {
    weight_.wide.assign(rows.weight.begin(), rows.weight.end());
  }
  common_delay_ = static_cast<double>(rows.common_delay);
}

/// Where all have one delay.
void EventRows::share_rows() {
  const auto share = [&](auto& weights) {
    using Weights = std::remove_reference_t<decltype(weights)>;
    using Weight = typename Weights::value_type;
    return RowSharer<std::uint32_t, Weight>(start_, cell_, weights).share();
  };
  if (delay_.bytes() > 0) return;
  if (auto found = weight_.wide.empty() ? share(weight_.narrow) : share(weight_.wide)) {
    sharing_ = std::move(*found);
  }
}

EventRows::EventRows(const GridRows& rows) {
  take_columns(rows);
  delay_.narrow.assign(rows.delay.begin(), rows.delay.end());
  share_rows();
}

EventRows::EventRows(const ExactRows& rows) {
  take_columns(rows);
  delay_.wide.assign(rows.delay.begin(), rows.delay.end());
  share_rows();
}

std::size_t EventRows::bytes() const {
  return start_.size() * sizeof(std::uint64_t) + cell_.size() * sizeof(std::uint32_t) +
         weight_.bytes() + delay_.bytes() + sharing_.bytes();
}

double EventRows::bytes_of(double sources, double synapses, double weight_bytes,
                           double delay_bytes) {
  return (sources + 1.0) * sizeof(std::uint64_t) +
         synapses * (sizeof(std::uint32_t) + weight_bytes + delay_bytes);
}

bool EventRows::reaches(std::uint32_t first, std::uint32_t last) const {
  const auto is_within = [&](std::uint32_t cell) { return cell >= first && cell < last; };
  if (sharing_.empty()) return std::ranges::any_of(cell_, is_within);
  for (NeuronId source = 0; source < sharing_.row.size(); ++source) {
    for (auto k = begin_of(source); k < end_of(source); ++k) {
      if (is_within(cell_[k] + shift_of(source))) return true;
    }
  }
  return false;
}

}  // namespace ranvier
