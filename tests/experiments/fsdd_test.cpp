/// Recorded sound: archives, sound files and the spoken digits.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "experiments/datasets/dataset.hpp"
#include "experiments/datasets/files/archive_file.hpp"
#include "experiments/datasets/files/audio.hpp"
#include "experiments/datasets/split.hpp"
#include "networks/cochlea.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/idx_files.hpp"
#include "tests/experiments/published_data.hpp"

using namespace ranvier;
using namespace ranvier::test;
using Catch::Matchers::Contains;

namespace {

void append(Bytes& bytes, std::uint32_t number, int size) {
  for (int k = 0; k < size; ++k) bytes.push_back(static_cast<std::uint8_t>(number >> (8 * k)));
}

void append(Bytes& bytes, const std::string& text) {
  bytes.insert(bytes.end(), text.begin(), text.end());
}

/// A WAV file of 16-bit samples at 8 kHz.
Bytes wav(const std::vector<std::int16_t>& samples, std::uint32_t channels = 1) {
  const auto data_size = static_cast<std::uint32_t>(2 * samples.size());
  Bytes bytes;
  append(bytes, "RIFF");
  append(bytes, 36 + data_size, 4);
  append(bytes, "WAVEfmt ");
  append(bytes, 16, 4);
  append(bytes, 1, 2);
  append(bytes, channels, 2);
  append(bytes, 8000, 4);
  append(bytes, 16000 * channels, 4);
  append(bytes, 2 * channels, 2);
  append(bytes, 16, 2);
  append(bytes, "data");
  append(bytes, data_size, 4);
  for (const auto sample : samples) append(bytes, static_cast<std::uint16_t>(sample), 2);
  return bytes;
}

std::vector<std::int16_t> tone(double frequency) {
  std::vector<std::int16_t> samples;
  for (int m = 0; m < 800; ++m) {
    samples.push_back(static_cast<std::int16_t>(
        std::lround(8000.0 * std::sin(2.0 * std::numbers::pi * frequency * m / 8000.0))));
  }
  return samples;
}

/// One file of a tar archive: a header of 512 bytes, then the content in blocks of 512.
void append_member(Bytes& tar, const std::string& name, const Bytes& content) {
  Bytes header(512);
  const auto put = [&header](std::size_t at, const std::string& text) {
    std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(at));
  };
  char size[13];
  std::snprintf(size, sizeof(size), "%011zo", content.size());
  put(0, name);
  put(100, "0000644");
  put(124, size);
  put(148, "        ");
  put(156, "0");
  put(257, "ustar");
  put(263, "00");
  unsigned sum = 0;
  for (const auto byte : header) sum += byte;
  char checksum[8];
  std::snprintf(checksum, sizeof(checksum), "%06o", sum);
  put(148, checksum);
  tar.insert(tar.end(), header.begin(), header.end());
  tar.insert(tar.end(), content.begin(), content.end());
  tar.resize((tar.size() + 511) / 512 * 512);
}

DataSplit load_from(const std::filesystem::path& folder, unsigned threads = 1) {
  DataOptions options;
  options.folder = folder;
  options.threads = threads;
  options.cochlea.channels = 16;
  return load_data("fsdd", options);
}

}  // namespace

TEST_CASE("a WAV file is its samples at full scale 1, channels averaged") {
  const auto mono = read_audio(wav({0, 16384, -32768}), "a.wav");
  CHECK(mono.rate == 8000.0);
  CHECK(mono.samples == std::vector<float>{0.0F, 0.5F, -1.0F});
  const auto stereo = read_audio(wav({16384, 0, -16384, -16384}, 2), "b.wav");
  CHECK(stereo.samples == std::vector<float>{0.25F, -0.5F});
}

TEST_CASE("sound that is truncated, empty or no sound is refused by name") {
  auto bytes = wav(tone(500.0));
  bytes.resize(bytes.size() - 100);
  CHECK_THROWS_AS(read_audio(bytes, "0_a_0.wav"), CorruptFile);
  CHECK_THROWS_WITH(read_audio(bytes, "0_a_0.wav"), Contains("0_a_0.wav") && Contains("truncated"));
  CHECK_THROWS_AS(read_audio(wav({}), "0_a_0.wav"), CorruptFile);
  CHECK_THROWS_WITH(read_audio(Bytes(100, 7), "0_a_0.wav"), Contains("no sound file"));
}

TEST_CASE("spoken digits are the same from a folder and from an archive") {
  const TemporaryFolder from_archive;
  const TemporaryFolder from_folder;
  std::filesystem::create_directories(from_folder / "recordings");
  Bytes tar;
  for (const auto& [name, frequency] :
       {std::pair{"3_ann_5.wav", 300.0}, {"7_ann_0.wav", 2000.0}, {"0_bob_12.wav", 800.0}}) {
    const auto content = wav(tone(frequency));
    append_member(tar, std::string("recordings/") + name, content);
    write_plain(from_folder / "recordings" / name, content);
  }
  tar.resize(tar.size() + 1024);
  write_gzip(from_archive / "recordings.tar.gz", tar);
  const auto data = load_from(from_archive.path(), 2);
  CHECK(std::ranges::equal(data.train.labels(), Bytes{0, 3}));  // in the order of the names
  CHECK(std::ranges::equal(data.test.labels(), Bytes{7}));      // takes 0 to 4
  CHECK(data.train.shape() == Shape{.channels = 1, .height = 1, .width = 16});
  const auto again = load_from(from_folder.path());
  EventList events, others;
  data.test.events(0, 0, events);
  again.test.events(0, 0, others);
  REQUIRE(events.size() > 0);
  CHECK(events.times == others.times);
  CHECK(events.addresses == others.addresses);
}

TEST_CASE("recordings of an unknown name and damaged archives are refused") {
  const TemporaryFolder folder;
  Bytes tar;
  append_member(tar, "recordings/ten_ann_0.wav", wav(tone(500.0)));
  tar.resize(tar.size() + 1024);
  const auto file = folder / "recordings.tar.gz";
  write_gzip(file, tar);
  CHECK_THROWS_WITH(load_from(folder.path()), Contains("ten_ann_0.wav has an unknown name"));
  auto packed = read_bytes(file);
  packed.resize(packed.size() / 2);
  write_plain(file, packed);
  CHECK_THROWS_AS(load_from(folder.path()), CorruptFile);
  CHECK_THROWS_WITH(load_from(folder.path()), Contains("damaged or truncated"));
  write_gzip(file, Bytes(10240));
  CHECK_THROWS_WITH(load_from(folder.path()), Contains("no recordings"));
  CHECK_THROWS_AS(for_each_member(folder / "none.zip", [](const auto&, const auto&) {}),
                  FileNotFound);
}

TEST_CASE("the published spoken digits have their documented counts") {
  const auto options = published_data("fsdd");
  if (!options) return;
  auto few = *options;
  few.threads = 2;
  few.cochlea.channels = 4;
  const auto data = load_data("fsdd", few);
  CHECK(class_counts(data.train) == std::vector<std::size_t>(10, 270));
  CHECK(class_counts(data.test) == std::vector<std::size_t>(10, 30));
  const auto found = survey(data.train, 2300.0, 2);
  CHECK(found.late == 0);  // the longest recording lasts 2.28 s
  CHECK(found.empty == 0);
}

TEST_CASE("the first published recording has its documented length") {
  const auto folder = published_folder("fsdd");
  if (!folder) return;
  for_each_member(*folder / "recordings.tar.gz", [](const std::string& name, const Bytes& content) {
    if (name != "recordings/0_george_0.wav") return;
    const auto recording = read_audio(content, name);
    CHECK(recording.samples.size() == 2384);
    CHECK(recording.rate == 8000.0);
  });
}
