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
  if (auto found = weight_.wide.empty() ? share(weight_.narrow) : share(weight_.wide)) {
    sharing_ = std::move(*found);
  }
}

/// Puts runs in place of cells, unless they are short: those would take longer to go through than
/// their cells. A row that leads where the one before it does has the same runs.
void EventRows::find_runs() {
  std::size_t found = 0;
  std::vector<CellRun> runs;
  run_start_.assign(1, 0);
  for (std::size_t row = 0; row + 1 < start_.size(); ++row) {
    runs.clear();
    append_runs(std::span(cell_).subspan(start_[row], start_[row + 1] - start_[row]), runs);
    found += runs.size();
    if (found * worthwhile_run > cell_.size()) break;
    if (row == 0 || !has_shape(run_start_.size() - 2, runs)) {
      runs_.insert(runs_.end(), runs.begin(), runs.end());
      run_start_.push_back(runs_.size());
    }
    shape_.push_back(static_cast<std::uint32_t>(run_start_.size() - 2));
  }
  if (shape_.size() + 1 == start_.size()) {
    cell_ = {};
  } else {
    shape_ = {};
    run_start_ = {};
    runs_ = {};
  }
}

bool EventRows::has_shape(std::size_t shape, std::span<const CellRun> runs) const {
  const auto known = std::span(runs_).subspan(run_start_[shape]);
  return std::ranges::equal(known, runs);
}

EventRows::EventRows(const GridRows& rows) {
  take_columns(rows);
  delay_.narrow.assign(rows.delay.begin(), rows.delay.end());
  pack_rows();
}

EventRows::EventRows(const ExactRows& rows) {
  take_columns(rows);
  delay_.wide.assign(rows.delay.begin(), rows.delay.end());
  pack_rows();
}

void EventRows::pack_rows() {
  if (!common_delay()) return;
  share_rows();
  find_runs();
}

std::size_t EventRows::bytes() const {
  return start_.size() * sizeof(std::uint64_t) + cell_.size() * sizeof(std::uint32_t) +
         shape_.size() * sizeof(std::uint32_t) + run_start_.size() * sizeof(std::uint64_t) +
         runs_.size() * sizeof(CellRun) + weight_.bytes() + delay_.bytes() + sharing_.bytes();
}

double EventRows::bytes_of(double sources, double synapses, double weight_bytes,
                           double delay_bytes) {
  return (sources + 1.0) * sizeof(std::uint64_t) +
         synapses * (sizeof(std::uint32_t) + weight_bytes + delay_bytes);
}

bool EventRows::reaches(std::uint32_t first, std::uint32_t last) const {
  const auto sources = sharing_.empty() ? start_.size() - 1 : sharing_.row.size();
  for (NeuronId source = 0; source < sources; ++source) {
    if (reaches(source, first, last)) return true;
  }
  return false;
}

bool EventRows::reaches(NeuronId source, std::uint32_t first, std::uint32_t last) const {
  const auto shift = shift_of(source);
  bool found = false;
  if (has_runs()) {
    const std::array<NeuronId, 1> sources{source};
    for_runs(std::span(sources), [&](CellRun run, const auto& /*weights*/) {
      const auto begin = run.first + shift;
      found |= begin < last && begin + run.count > first;
    });
  } else {
    for (auto k = begin_of(source); k < end_of(source); ++k) {
      const auto cell = cell_[k] + shift;
      found |= cell >= first && cell < last;
    }
  }
  return found;
}

}  // namespace ranvier
