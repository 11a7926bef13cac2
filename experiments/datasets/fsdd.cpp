/// FSDD, the free spoken digit dataset: English digits by six speakers, made into spikes by a model
/// of the inner ear (networks/cochlea.hpp). The split is the authors': takes 0 to 4 are for test.
/// Source: Z. Jackson and others, github.com/Jakobovski/free-spoken-digit-dataset.

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "experiments/datasets/dataset.hpp"
#include "experiments/datasets/files/archive_file.hpp"
#include "experiments/datasets/files/audio.hpp"
#include "experiments/datasets/files/gzip.hpp"
#include "experiments/datasets/files/locate.hpp"
#include "experiments/datasets/sources/stored_events.hpp"
#include "networks/cochlea.hpp"

namespace ranvier {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t classes = 10;
constexpr unsigned test_takes = 5;

/// Content of the sound files by name, so that their order is the same on every machine.
using Files = std::map<std::string, std::vector<std::uint8_t>>;

bool is_sound(const fs::path& name) {
  return name.extension() == ".wav" || name.extension() == ".flac";
}

Files read_files(const fs::path& place) {
  Files files;
  if (fs::is_directory(place)) {
    for (const auto& entry : fs::directory_iterator(place)) {
      const auto& path = entry.path();
      if (is_sound(path)) files[path.filename().string()] = read_unpacked(path);
    }
  } else {
    for_each_member(place, [&](const std::string& member, std::vector<std::uint8_t> content) {
      const fs::path path(member);
      if (is_sound(path)) files[path.filename().string()] = std::move(content);
    });
  }
  if (files.empty()) {
    throw CorruptFile(fmt::format("{}: holds no recordings; expected files such as 0_george_0.wav",
                                  place.string()));
  }
  return files;
}

/// What the name of a recording says: {digit}_{speaker}_{take}.wav.
struct Take {
  std::uint8_t digit = 0;
  unsigned take = 0;
};

std::optional<unsigned> number_in(std::string_view text) {
  unsigned number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

Take take_of(const std::string& name) {
  const std::string stem = fs::path(name).stem().string();
  const auto first = stem.find('_');
  const auto last = stem.rfind('_');
  if (first != std::string::npos && last > first) {
    const auto digit = number_in(std::string_view(stem).substr(0, first));
    const auto take = number_in(std::string_view(stem).substr(last + 1));
    if (digit && take && *digit < classes) {
      return {.digit = static_cast<std::uint8_t>(*digit), .take = *take};
    }
  }
  throw CorruptFile(fmt::format(
      "the recording {} has an unknown name; expected {{digit}}_{{speaker}}_{{take}}.wav", name));
}

LabelledData part_of(const std::vector<EventList>& spikes, std::vector<std::uint8_t> labels,
                     std::size_t channels) {
  const Shape shape{.channels = 1, .height = 1, .width = channels};
  return {"fsdd", classes, std::make_shared<StoredEvents>(shape, spikes, std::move(labels))};
}

DataSplit load(const DataSetDescription& set, const DataOptions& options) {
  const auto place = located_data(set, options.folder).paths.front();
  const auto files = read_files(place);
  std::vector<const Files::value_type*> order;
  for (const auto& file : files) order.push_back(&file);
  std::vector<EventList> spikes(order.size());
  in_parallel(order.size(), static_cast<int>(options.threads), [&](std::size_t i) {
    const auto where = fmt::format("{}: {}", place.string(), order[i]->first);
    const auto recording = read_audio(order[i]->second, where);
    spikes[i] = cochlea_spikes(recording.samples, recording.rate, options.cochlea);
  });
  std::vector<EventList> parts[2];
  std::vector<std::uint8_t> labels[2];
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto take = take_of(order[i]->first);
    const std::size_t part = take.take < test_takes ? 1 : 0;
    parts[part].push_back(std::move(spikes[i]));
    labels[part].push_back(take.digit);
  }
  const auto channels = static_cast<std::size_t>(options.cochlea.channels);
  return {part_of(parts[0], std::move(labels[0]), channels),
          part_of(parts[1], std::move(labels[1]), channels)};
}

DataSetDescription description() {
  return {
      .name = "fsdd",
      .summary = "spoken English digits as spikes of the `cochlea`, 64 channels, 10 classes",
      .licence = "CC BY-SA 4.0; Z. Jackson and others",
      .classes = classes,
      .shape = {static_cast<std::size_t>(CochleaParameters{}.channels)},
      .train_samples = 2700,
      .test_samples = 300,
      .folder = "fsdd",
      .files = {{"recordings.tar.gz",
                 "2d9fb1a6ee3b1d7f6a05d6e0c2c10be9c3bcde6f8b0ad92db469be23a4d27194",
                 {3000}}},
      .layouts = {{"recordings.tar.gz"}, {"recordings"}},
      .how_to_get =
          "https://github.com/Jakobovski/free-spoken-digit-dataset holds the recordings: "
          "put its folder recordings into one of these folders",
      .recorded_sound = true,
      .load = &load,
  };
}

[[maybe_unused]] const auto& registered = add_data_set(description());

}  // namespace
}  // namespace ranvier
