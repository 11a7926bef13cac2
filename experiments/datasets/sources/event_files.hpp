#pragma once

/// Recordings of an event camera as 5-byte records, one file a sample (the .bin files of N-MNIST):
/// x, y, then 24 bits big-endian, the polarity on top of a time of 23 bits in microseconds. A record
/// with y = 240 is no event: it says that the clock has overflowed, and adds 2^13 us to all times
/// after it. Source: G. Orchard, A. Jayawant, G. K. Cohen, N. Thakor, Front. Neurosci. 9:437 (2015).

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "networks/examples.hpp"

namespace ranvier {

/// Replaces `to` by the events in `bytes`; the sensor is [polarities][rows][columns]. `where` is for
/// messages. Throws CorruptFile for a torn record, an event outside the sensor, or times that are
/// not in order.
void read_events(std::span<const std::uint8_t> bytes, const Shape& sensor, std::string_view where,
                 EventList& to);

/// One file for each sample, read when it is asked for.
class EventFiles final : public Examples {
 public:
  struct File {
    std::filesystem::path path;
    std::uint8_t label = 0;
  };

  EventFiles(Shape sensor, std::vector<File> files);

  std::size_t size() const noexcept override { return files_.size(); }
  Shape shape() const noexcept override { return sensor_; }
  std::uint8_t label(std::size_t i) const override { return files_[i].label; }
  bool has_events() const noexcept override { return true; }
  void events(std::size_t i, std::uint32_t epoch, EventList& to) const override;

 private:
  Shape sensor_;
  std::vector<File> files_;
};

}  // namespace ranvier
