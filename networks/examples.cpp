#include "networks/examples.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "networks/encoding.hpp"
#include "networks/sequential.hpp"

namespace ranvier {

void EventList::clear() {
  times.clear();
  addresses.clear();
  reordered = false;
}

void EventList::sort() {
  if (std::ranges::is_sorted(times)) return;
  std::vector<std::size_t> order(size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [this](std::size_t e) { return times[e]; });
  const auto before = *this;
  for (std::size_t e = 0; e < order.size(); ++e) {
    times[e] = before.times[order[e]];
    addresses[e] = before.addresses[order[e]];
  }
  reordered = true;
}

void Examples::values(std::size_t, std::uint32_t, std::span<float>) const {
  throw Unsupported("these samples are events; they have no values");
}

void Examples::events(std::size_t, std::uint32_t, EventList&) const {
  throw Unsupported("these samples are values; they have no events");
}

ArrayExamples::ArrayExamples(std::span<const float> inputs, std::span<const std::uint8_t> labels,
                             Shape shape)
    : inputs_(inputs), labels_(labels), shape_(shape) {
  const auto samples = labels.size();
  if (shape_.size() == 0 && samples > 0) shape_ = {.channels = inputs.size() / samples};
  if (inputs.size() == samples * shape_.size()) return;
  const auto expected =
      shape.size() == 0 ? std::string("the same number") : fmt::format("{}", shape.size());
  throw InvalidValue(fmt::format("{} values for {} samples; expected {} for each", inputs.size(),
                                 samples, expected));
}

void ArrayExamples::values(std::size_t i, std::uint32_t, std::span<float> to) const {
  const auto from = inputs_.subspan(i * shape_.size(), shape_.size());
  std::copy(from.begin(), from.end(), to.begin());
}

void require_fit(const Examples& examples, const SequentialDescription& network,
                 std::string_view what) {
  if (examples.size() == 0) return;
  if (examples.shape().size() != network.inputs) {
    throw InvalidValue(fmt::format("{} has samples of {} {}; expected {}, the network's inputs",
                                   what, describe(examples.shape()),
                                   examples.has_events() ? "addresses" : "values", network.inputs));
  }
  const auto& encoding = network.encoding.name;
  const bool wants_events =
      encodings().at(encoding).make<float>(network.encoding.parameters)->reads_events();
  if (examples.has_events() && !wants_events) {
    throw InvalidValue(
        fmt::format("{} holds events; expected encoding 'events', not '{}'", what, encoding));
  }
  if (!examples.has_events() && wants_events) {
    throw InvalidValue(
        fmt::format("{} holds values; expected an encoding of values such as 'current', not '{}'",
                    what, encoding));
  }
  const auto classes = network.layers.back().size;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    if (examples.label(i) < classes) continue;
    throw InvalidValue(
        fmt::format("{}: sample {} has label {}; expected one below {}, the size of the last layer",
                    what, i, examples.label(i), classes));
  }
}

EventSurvey survey(const Examples& examples, double window, int threads) {
  constexpr std::size_t part = 64;
  const auto parts = (examples.size() + part - 1) / part;
  std::vector<EventSurvey> found(parts);
  in_parallel(parts, threads, [&](std::size_t p) {
    EventList events;
    const auto end = std::min(examples.size(), (p + 1) * part);
    for (std::size_t i = p * part; i < end; ++i) {
      examples.events(i, 0, events);
      auto& sum = found[p];
      const auto late = static_cast<std::uint64_t>(
          std::ranges::count_if(events.times, [window](double t) { return t >= window; }));
      sum.events += events.size();
      sum.late += late;
      if (late > 0) ++sum.cut;
      if (events.size() == 0) ++sum.empty;
      if (events.reordered) ++sum.reordered;
    }
  });
  EventSurvey total;
  for (const auto& sum : found) {
    total.events += sum.events;
    total.late += sum.late;
    total.cut += sum.cut;
    total.empty += sum.empty;
    total.reordered += sum.reordered;
  }
  return total;
}

}  // namespace ranvier
