#include "experiments/datasets/sources/event_files.hpp"

#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "experiments/datasets/files/gzip.hpp"

namespace ranvier {
namespace {

constexpr std::size_t record_bytes = 5;
constexpr std::uint8_t overflow_row = 240;
constexpr std::uint64_t overflow_us = std::uint64_t{1} << 13;

/// A record taken apart.
struct Record {
  std::uint8_t x, y;
  std::uint8_t polarity;
  std::uint32_t time_us;
};

Record record_at(std::span<const std::uint8_t> bytes) {
  const auto word = std::uint32_t{bytes[2]} << 16 | std::uint32_t{bytes[3]} << 8 | bytes[4];
  return {.x = bytes[0],
          .y = bytes[1],
          .polarity = static_cast<std::uint8_t>(word >> 23),
          .time_us = word & 0x7fffffU};
}

}  // namespace

void read_events(std::span<const std::uint8_t> bytes, const Shape& sensor, std::string_view where,
                 EventList& to) {
  to.clear();
  if (bytes.size() % record_bytes != 0) {
    throw CorruptFile(
        fmt::format("{}: {} bytes; expected a whole number of events of {} bytes; the file is "
                    "truncated",
                    where, bytes.size(), record_bytes));
  }
  std::uint64_t base_us = 0;
  std::uint64_t last_us = 0;
  for (std::size_t r = 0; r < bytes.size() / record_bytes; ++r) {
    const auto event = record_at(bytes.subspan(r * record_bytes, record_bytes));
    if (event.y == overflow_row) {
      base_us += overflow_us;
      continue;
    }
    if (event.x >= sensor.width || event.y >= sensor.height || event.polarity >= sensor.channels) {
      throw CorruptFile(
          fmt::format("{}: event {} is at x {}, y {}; expected a place on the {} x {} "
                      "sensor",
                      where, r, event.x, event.y, sensor.width, sensor.height));
    }
    const auto time_us = base_us + event.time_us;
    if (time_us < last_us) {
      throw CorruptFile(
          fmt::format("{}: event {} is at {} us, before the one ahead of it at {} us; expected "
                      "times in order",
                      where, r, time_us, last_us));
    }
    last_us = time_us;
    const auto address = (event.polarity * sensor.height + event.y) * sensor.width + event.x;
    to.add(static_cast<double>(time_us) / 1000.0, static_cast<std::uint32_t>(address));
  }
}

EventFiles::EventFiles(Shape sensor, std::vector<File> files)
    : sensor_(sensor), files_(std::move(files)) {}

void EventFiles::events(std::size_t i, std::uint32_t, EventList& to) const {
  const auto& path = files_[i].path;
  read_events(read_unpacked(path), sensor_, path.string(), to);
}

}  // namespace ranvier
