#include "core/runtime/event_rows.hpp"

#include <algorithm>

namespace ranvier {

template <class Delay>
void EventRows::take_columns(const Rows<Delay>& rows) {
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

EventRows::EventRows(const GridRows& rows) {
  take_columns(rows);
  delay_.narrow.assign(rows.delay.begin(), rows.delay.end());
}

EventRows::EventRows(const ExactRows& rows) {
  take_columns(rows);
  delay_.wide.assign(rows.delay.begin(), rows.delay.end());
}

std::size_t EventRows::bytes() const {
  return start_.size() * sizeof(std::uint64_t) + cell_.size() * sizeof(std::uint32_t) +
         weight_.bytes() + delay_.bytes();
}

double EventRows::bytes_of(double sources, double synapses, double weight_bytes,
                           double delay_bytes) {
  return (sources + 1.0) * sizeof(std::uint64_t) +
         synapses * (sizeof(std::uint32_t) + weight_bytes + delay_bytes);
}

bool EventRows::reaches(std::uint32_t first, std::uint32_t last) const {
  return std::ranges::any_of(cell_,
                             [&](std::uint32_t cell) { return cell >= first && cell < last; });
}

}  // namespace ranvier
