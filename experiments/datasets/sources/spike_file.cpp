#include "experiments/datasets/sources/spike_file.hpp"

#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/files/hdf5.hpp"

namespace ranvier {
namespace {

constexpr double ms_per_second = 1000.0;

std::vector<std::uint8_t> read_labels(const std::filesystem::path& file, std::size_t classes) {
  const auto numbers = hdf5::InputFile(file).read<std::int64_t>("labels");
  std::vector<std::uint8_t> labels;
  for (const auto number : numbers) {
    if (number < 0 || static_cast<std::uint64_t>(number) >= classes) {
      throw CorruptFile(fmt::format("{}: label {} is {}; expected 0 to {}", file.string(),
                                    labels.size(), number, classes - 1));
    }
    labels.push_back(static_cast<std::uint8_t>(number));
  }
  return labels;
}

}  // namespace

SpikeFile::SpikeFile(const std::filesystem::path& file, std::size_t channels, std::size_t classes)
    : path_(file),
      channels_(channels),
      times_(file, "spikes/times"),
      units_(file, "spikes/units"),
      labels_(read_labels(file, classes)) {
  if (times_.size() != labels_.size() || units_.size() != labels_.size()) {
    throw CorruptFile(
        fmt::format("{}: {} lists of times, {} of channels and {} labels; expected as many of each",
                    file.string(), times_.size(), units_.size(), labels_.size()));
  }
  if (labels_.empty()) {
    throw CorruptFile(fmt::format("{}: holds no samples; expected at least one", file.string()));
  }
}

void SpikeFile::events(std::size_t i, std::uint32_t, EventList& to) const {
  to.clear();
  times_.read(i, to.times);
  units_.read(i, to.addresses);
  if (to.times.size() != to.addresses.size()) {
    throw CorruptFile(
        fmt::format("{}: sample {} has {} times and {} channels; expected as many of each",
                    path_.string(), i, to.times.size(), to.addresses.size()));
  }
  for (std::size_t e = 0; e < to.size(); ++e) {
    if (to.addresses[e] >= channels_) {
      throw CorruptFile(fmt::format("{}: sample {} has a spike in channel {}; expected 0 to {}",
                                    path_.string(), i, to.addresses[e], channels_ - 1));
    }
    if (!(to.times[e] >= 0.0 && std::isfinite(to.times[e]))) {
      throw CorruptFile(
          fmt::format("{}: sample {} has a spike at {} s; expected a time of at least 0 s",
                      path_.string(), i, to.times[e]));
    }
    to.times[e] *= ms_per_second;
  }
  to.sort();
}

}  // namespace ranvier
