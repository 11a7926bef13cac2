#include "experiments/datasets/sources/stored_events.hpp"

#include <limits>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {

StoredEvents::StoredEvents(Shape shape, const std::vector<EventList>& samples,
                           std::vector<std::uint8_t> labels)
    : shape_(shape), begins_{0}, labels_(std::move(labels)) {
  if (samples.size() != labels_.size()) {
    throw InvalidValue(fmt::format("{} lists of events and {} labels; expected one label for each",
                                   samples.size(), labels_.size()));
  }
  constexpr std::size_t most = std::size_t{std::numeric_limits<std::uint16_t>::max()} + 1;
  if (shape.size() > most) {
    throw InvalidValue(fmt::format("samples of {} have {} addresses; expected at most {}",
                                   describe(shape), shape.size(), most));
  }
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto& events = samples[i];
    for (std::size_t e = 0; e < events.size(); ++e) {
      if (events.addresses[e] >= shape.size()) {
        throw InvalidValue(fmt::format("sample {} has an event at address {}; expected 0 to {}", i,
                                       events.addresses[e], shape.size() - 1));
      }
      times_.push_back(static_cast<float>(events.times[e]));
      addresses_.push_back(static_cast<std::uint16_t>(events.addresses[e]));
    }
    begins_.push_back(times_.size());
  }
}

void StoredEvents::events(std::size_t i, std::uint32_t, EventList& to) const {
  to.clear();
  for (std::size_t e = begins_[i]; e < begins_[i + 1]; ++e) to.add(times_[e], addresses_[e]);
  to.sort();
}

}  // namespace ranvier
