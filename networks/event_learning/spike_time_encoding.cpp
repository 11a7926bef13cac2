#include "networks/event_learning/spike_time_encoding.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

/// Devices spike after time zero; an event of a recording may lie on it.
constexpr double soonest = 1e-6;  // ms

}  // namespace

std::vector<Field<SpikeTimeEncoding>> SpikeTimeEncoding::fields() {
  using P = SpikeTimeEncoding;
  return {real("earliest", &P::earliest, "ms", positive, "when an input of value 0 spikes"),
          real("latest", &P::latest, "ms", positive, "when an input of value 1 spikes")};
}

std::vector<std::vector<double>> SpikeTimeEncoding::times(const Examples& examples, std::size_t i,
                                                          std::uint32_t epoch) const {
  const auto width = examples.shape().size();
  std::vector<std::vector<double>> times(width + bias.size());
  for (std::size_t k = 0; k < bias.size(); ++k) times[width + k] = {bias[k]};
  if (examples.has_events()) {
    EventList events;
    examples.events(i, epoch, events);
    for (std::size_t e = 0; e < events.size(); ++e) {
      times[events.addresses[e]].push_back(std::max(events.times[e], soonest));
    }
    return times;
  }
  std::vector<float> values(width);
  examples.values(i, epoch, values);
  for (std::size_t k = 0; k < width; ++k) {
    const auto x = static_cast<double>(values[k]);
    if (!(x >= 0.0 && x <= 1.0)) {
      throw InvalidValue(
          fmt::format("value {} of sample {} is {}; expected 0 to 1, to become a spike between {} "
                      "and {} ms",
                      k, i, x, earliest, latest));
    }
    times[k] = {earliest + x * (latest - earliest)};
  }
  return times;
}

}  // namespace ranvier
