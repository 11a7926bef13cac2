/// The layout of the Heidelberg data sets, on files made for the purpose with half-precision times.

#include "experiments/datasets/sources/spike_file.hpp"

#include <algorithm>

#include <hdf5.h>

#include "core/error.hpp"
#include "experiments/datasets/dataset.hpp"
#include "experiments/datasets/split.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/idx_files.hpp"

using namespace ranvier;
using namespace ranvier::test;
using Catch::Matchers::Contains;

namespace {

/// Half precision, as HDF5 describes it: sign, 5 bits of exponent, 10 of mantissa.
hid_t half_precision() {
  const hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  return type;
}

template <class T>
void write_lists(hid_t file, const char* name, hid_t stored, hid_t native,
                 std::vector<std::vector<T>> lists) {
  const hid_t stored_list = H5Tvlen_create(stored);
  const hid_t native_list = H5Tvlen_create(native);
  const hsize_t count = lists.size();
  const hid_t space = H5Screate_simple(1, &count, nullptr);
  const hid_t set =
      H5Dcreate2(file, name, stored_list, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  std::vector<hvl_t> items;
  for (auto& list : lists) items.push_back({list.size(), list.data()});
  REQUIRE(H5Dwrite(set, native_list, H5S_ALL, H5S_ALL, H5P_DEFAULT, items.data()) >= 0);
  H5Dclose(set);
  H5Sclose(space);
  H5Tclose(native_list);
  H5Tclose(stored_list);
}

struct Content {
  std::vector<std::vector<float>> times;
  std::vector<std::vector<std::uint32_t>> units;
  std::vector<std::uint16_t> labels;
};

const Content three_words{.times = {{0.25F, 0.5F, 0.5F}, {}, {0.75F, 0.125F}},
                          .units = {{0, 699, 5}, {}, {1, 2}},
                          .labels = {3, 19, 0}};

void write_file(const std::filesystem::path& path, const Content& content) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Gclose(H5Gcreate2(file, "spikes", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  const hid_t half = half_precision();
  if (!content.times.empty()) {
    write_lists(file, "spikes/times", half, H5T_NATIVE_FLOAT, content.times);
  }
  if (!content.units.empty()) {
    write_lists(file, "spikes/units", H5T_STD_U16LE, H5T_NATIVE_UINT32, content.units);
  }
  if (!content.labels.empty()) {
    const hsize_t count = content.labels.size();
    const hid_t space = H5Screate_simple(1, &count, nullptr);
    const hid_t set =
        H5Dcreate2(file, "labels", H5T_STD_U16LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_UINT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, content.labels.data());
    H5Dclose(set);
    H5Sclose(space);
  }
  H5Tclose(half);
  H5Fclose(file);
}

/// The message with which the file is refused, when it is opened or sample 0 is read.
std::string refusal(const Content& content) {
  const TemporaryFolder folder;
  const auto path = folder / "shd_train.h5";
  write_file(path, content);
  try {
    const SpikeFile file(path, 700, 20);
    EventList events;
    file.events(0, 0, events);
  } catch (const CorruptFile& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("samples of half-precision times are read one by one, in ms") {
  const TemporaryFolder folder;
  write_file(folder / "words.h5", three_words);
  const SpikeFile file(folder / "words.h5", 700, 20);
  REQUIRE(file.size() == 3);
  CHECK(file.shape() == Shape{.channels = 1, .height = 1, .width = 700});
  CHECK(file.label(1) == 19);
  EventList events;
  file.events(0, 0, events);
  CHECK(events.times == std::vector<double>{250.0, 500.0, 500.0});
  CHECK(events.addresses == std::vector<std::uint32_t>{0, 699, 5});
  CHECK_FALSE(events.reordered);
  file.events(1, 0, events);
  CHECK(events.size() == 0);
  file.events(2, 0, events);
  CHECK(events.times == std::vector<double>{125.0, 750.0});
  CHECK(events.addresses == std::vector<std::uint32_t>{2, 1});
  CHECK(events.reordered);
  const auto found = survey(file, 500.0, 2);
  CHECK(found.events == 5);
  CHECK(found.late == 3);
  CHECK(found.empty == 1);
  CHECK(found.reordered == 1);
}

TEST_CASE("both parts of SHD are found and its labels are classes") {
  const TemporaryFolder folder;
  write_file(folder / "shd_train.h5", three_words);
  write_file(folder / "shd_test.h5", three_words);
  DataOptions options;
  options.folder = folder.path();
  const auto data = load_data("shd", options);
  CHECK(data.train.size() == 3);
  CHECK(data.train.has_events());
  CHECK(missing_classes(data.test) == "1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18");
  std::filesystem::remove(folder / "shd_test.h5");
  CHECK_THROWS_WITH(load_data("shd", options),
                    Contains("lacks shd_test.h5") && Contains("zenkelab.org"));
}

TEST_CASE("fields that are missing or do not fit are refused by name") {
  auto content = three_words;
  content.units.clear();
  CHECK_THAT(refusal(content), Contains("holds no 'spikes/units'"));
  content = three_words;
  content.times.clear();
  CHECK_THAT(refusal(content), Contains("holds no 'spikes/times'"));
  content = three_words;
  content.labels.clear();
  CHECK_THAT(refusal(content), Contains("holds no 'labels'"));
  content = three_words;
  content.labels.pop_back();
  CHECK_THAT(refusal(content), Contains("3 lists of times, 3 of channels and 2 labels"));
  content = three_words;
  content.labels[1] = 20;
  CHECK_THAT(refusal(content), Contains("label 1 is 20; expected 0 to 19"));
}

TEST_CASE("a sample with wrong spikes is refused by its number") {
  auto content = three_words;
  content.units[0].pop_back();
  CHECK_THAT(refusal(content), Contains("sample 0 has 3 times and 2 channels"));
  content = three_words;
  content.units[0][1] = 700;
  CHECK_THAT(refusal(content), Contains("sample 0 has a spike in channel 700; expected 0 to 699"));
  content = three_words;
  content.times[0][1] = -0.5F;
  CHECK_THAT(refusal(content), Contains("sample 0 has a spike at -0.5 s"));
  content.times[0][1] = std::nanf("");
  CHECK_THAT(refusal(content), Contains("sample 0 has a spike at nan s"));
}

TEST_CASE("a file that is truncated or no HDF5 is refused") {
  const TemporaryFolder folder;
  const auto path = folder / "words.h5";
  write_file(path, three_words);
  auto bytes = read_bytes(path);
  bytes.resize(bytes.size() / 2);
  write_plain(path, bytes);
  CHECK_THROWS_AS(SpikeFile(path, 700, 20), CorruptFile);
  write_plain(path, {1, 2, 3});
  CHECK_THROWS_WITH(SpikeFile(path, 700, 20), Contains("not an HDF5 file"));
  CHECK_THROWS_AS(SpikeFile(folder / "none.h5", 700, 20), FileNotFound);
}
