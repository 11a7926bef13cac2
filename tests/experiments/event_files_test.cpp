/// Recordings of an event camera: N-MNIST.

#include "experiments/datasets/sources/event_files.hpp"

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "experiments/datasets/dataset.hpp"
#include "experiments/datasets/split.hpp"
#include "networks/encoding.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/idx_files.hpp"
#include "tests/experiments/published_data.hpp"

using namespace ranvier;
using namespace ranvier::test;
using Catch::Matchers::Contains;

namespace {

constexpr Shape sensor{.channels = 2, .height = 34, .width = 34};

void append(Bytes& bytes, unsigned x, unsigned y, unsigned polarity, unsigned time_us) {
  const unsigned word = polarity << 23 | time_us;
  for (const unsigned byte : {x, y, word >> 16, word >> 8 & 0xffU, word & 0xffU}) {
    bytes.push_back(static_cast<std::uint8_t>(byte));
  }
}

EventList read(const Bytes& bytes) {
  EventList events;
  read_events(bytes, sensor, "sample.bin", events);
  return events;
}

/// A release of two recordings for each digit and part.
void write_release(const std::filesystem::path& folder) {
  for (const std::string part : {"Train", "Test"}) {
    for (unsigned digit = 0; digit < 10; ++digit) {
      const auto place = folder / part / std::to_string(digit);
      std::filesystem::create_directories(place);
      for (unsigned take = 0; take < 2; ++take) {
        Bytes bytes;
        append(bytes, digit, take, 1, 1000);
        write_plain(place / (std::to_string(take) + ".bin"), bytes);
      }
    }
  }
}

}  // namespace

TEST_CASE("five bytes are x, y, polarity and a time in microseconds") {
  Bytes bytes;
  append(bytes, 3, 5, 0, 654);
  append(bytes, 33, 33, 1, 0x7fffff);
  const auto events = read(bytes);
  CHECK(events.times == std::vector<double>{0.654, 8388.607});
  CHECK(events.addresses == std::vector<std::uint32_t>{5 * 34 + 3, 34 * 34 + 33 * 34 + 33});
}

TEST_CASE("an overflow of the clock adds 2^13 us to what follows and is no event") {
  Bytes bytes;
  append(bytes, 1, 1, 0, 8000);
  append(bytes, 0, 240, 0, 0);
  append(bytes, 1, 1, 0, 10);
  CHECK(read(bytes).times == std::vector<double>{8.0, 8.202});
}

TEST_CASE("events outside the sensor, out of order or torn are refused with their place") {
  Bytes bytes;
  append(bytes, 1, 1, 0, 100);
  append(bytes, 34, 2, 0, 200);
  CHECK_THROWS_AS(read(bytes), CorruptFile);
  CHECK_THROWS_WITH(read(bytes), Contains("sample.bin: event 1 is at x 34, y 2"));
  bytes.clear();
  append(bytes, 1, 1, 0, 100);
  append(bytes, 1, 1, 0, 99);
  CHECK_THROWS_WITH(read(bytes), Contains("event 1 is at 99 us") && Contains("in order"));
  bytes.pop_back();
  CHECK_THROWS_WITH(read(bytes), Contains("9 bytes") && Contains("truncated"));
  CHECK(read({}).size() == 0);
}

TEST_CASE("a release of N-MNIST is read by folder, digit after digit") {
  const TemporaryFolder folder;
  write_release(folder / "nmnist");
  DataOptions options;
  options.folder = folder.path();
  const auto data = load_data("nmnist", options);
  CHECK(data.train.size() == 20);
  CHECK(class_counts(data.test) == std::vector<std::size_t>(10, 2));
  CHECK(data.train.has_events());
  CHECK(data.train.shape() == sensor);
  EventList events;
  data.train.events(7, 0, events);  // the second of digit 3
  CHECK(events.times == std::vector<double>{1.0});
  CHECK(events.addresses == std::vector<std::uint32_t>{34 * 34 + 34 + 3});
}

TEST_CASE("a damaged recording is found before training, an empty one is counted") {
  const TemporaryFolder folder;
  write_release(folder.path());
  DataOptions options;
  options.folder = folder.path();
  write_plain(folder / "Train/4/0.bin", {});
  CHECK(survey(load_data("nmnist", options).train, 300.0, 2).empty == 1);
  write_plain(folder / "Train/4/0.bin", Bytes(7));
  const auto data = load_data("nmnist", options);
  CHECK_THROWS_WITH(survey(data.train, 300.0, 2), Contains("4/0.bin") && Contains("truncated"));
  std::filesystem::remove_all(folder / "Test/9");
  CHECK_THROWS_AS(load_data("nmnist", options), FileNotFound);
}

TEST_CASE("the published recording has its documented events") {
  const auto folder = published_folder("event-samples");
  if (!folder) return;
  const EventFiles sample(sensor, {{*folder / "nmnist_sample.bin", 4}});
  EventList events;
  sample.events(0, 0, events);
  CHECK(events.size() == 4325);
  CHECK(events.times.front() == 0.654);
  CHECK(events.times.back() == 311.175);
  const auto found = survey(sample, 300.0, 1);
  CHECK(found.events == 4325);
  CHECK(found.late == static_cast<std::uint64_t>(std::ranges::count_if(
                          events.times, [](double t) { return t >= 300.0; })));

  // In bins of 1 ms with at most one spike for each address: as many as there are distinct pairs.
  std::set<std::pair<int, std::uint32_t>> bins;
  for (std::size_t e = 0; e < events.size(); ++e) {
    bins.emplace(static_cast<int>(events.times[e]), events.addresses[e]);
  }
  const auto encoding = encodings().at("events").make<float>({});
  const std::vector<float> values(sensor.size());
  std::vector<float> activity(312 * sensor.size());
  const std::vector<std::uint32_t> index{0};
  encoding->encode(values,
                   {.steps = 312, .step = 1.0, .samples = index, .events = std::span(&events, 1)},
                   false, activity);
  CHECK(static_cast<std::size_t>(std::ranges::count(activity, 1.0F)) == bins.size());
}
