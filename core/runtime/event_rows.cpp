#include "core/runtime/event_rows.hpp"

#include <algorithm>
#include <utility>

namespace ranvier {

template <class Delay>
void EventRows::take_columns(Rows<Delay>&& rows) {
  start_ = std::move(rows.start);
  cell_ = std::move(rows.cell);
  if (const auto common = common_value(rows.weight)) {
    common_weight_ = *common;
  } else {
    pack(rows.weight, weight_);
  }
  common_delay_ = static_cast<double>(rows.common_delay);
}

EventRows::EventRows(GridRows&& rows) {
  take_columns(std::move(rows));
  delay_.narrow = std::move(rows.delay);
}

EventRows::EventRows(ExactRows&& rows) {
  take_columns(std::move(rows));
  delay_.wide = std::move(rows.delay);
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
