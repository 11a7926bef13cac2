#include "core/files/hdf5.hpp"

#include <cstdint>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/files/checkpoint.hpp"
#include "core/files/sonata.hpp"
#include "core/files/write_file.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/idx_files.hpp"
#include "tests/file_content.hpp"

namespace ranvier {
namespace {

using test::content_of;
using test::TemporaryFolder;

void cut_in_half(const std::filesystem::path& file) {
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
}

template <class E, class F>
std::string message_of(F&& act) {
  try {
    act();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST_CASE("arrays, texts and attributes come back from an HDF5 file as they were written") {
  const TemporaryFolder folder;
  const std::vector<double> real{0.1, -1e300, 5e-324};
  const std::vector<float> single{0.1f, 2.5f};
  const std::vector<std::int64_t> whole{-9223372036854775807, 3};
  const std::vector<std::uint64_t> natural{18446744073709551615u};
  std::vector<std::uint32_t> large(100000);
  std::iota(large.begin(), large.end(), 0u);
  {
    hdf5::OutputFile file(folder / "a.h5");
    file.write("deep/down/real", real);
    file.write("single", single);
    file.write("whole", whole);
    file.write("natural", natural);
    file.write("large", large, {1000, 100});
    file.write("empty", std::vector<double>{});
    file.write("texts", std::vector<std::string>{"tau_m", "", "µ"});
    file.set_attribute("units", "ms", "deep/down/real");
    file.set_attribute("seed", std::int64_t{7});
    file.set_attribute("configuration", std::string(200000, 'x'));
    file.commit();
  }
  const hdf5::InputFile file(folder / "a.h5");
  CHECK(file.read<double>("deep/down/real") == real);
  CHECK(file.read<float>("single") == single);
  CHECK(file.read<std::int64_t>("whole") == whole);
  CHECK(file.read<std::uint64_t>("natural") == natural);
  CHECK(file.read<std::uint32_t>("large") == large);
  CHECK(file.shape("large") == hdf5::Shape{1000, 100});
  CHECK(file.read<double>("empty").empty());
  CHECK(file.read_texts("texts") == std::vector<std::string>{"tau_m", "", "µ"});
  CHECK(file.text_attribute("units", "deep/down/real") == "ms");
  CHECK(file.real_attribute("seed") == 7.0);
  CHECK(file.text_attribute("configuration").size() == 200000);
  CHECK(file.type("single") == hdf5::ArrayType::single);
  CHECK(file.type("natural") == hdf5::ArrayType::natural);
  CHECK(file.group("deep").members() == std::vector<std::string>{"down"});
  CHECK_FALSE(file.has("deep/up"));
}

TEST_CASE("a large array takes less room than its bytes when it is regular") {
  const TemporaryFolder folder;
  hdf5::OutputFile file(folder / "a.h5");
  file.write("zeros", std::vector<double>(1000000, 0.0));
  file.commit();
  CHECK(std::filesystem::file_size(folder / "a.h5") < 1000000 * sizeof(double) / 10);
}

TEST_CASE("a damaged HDF5 file is refused with its name and the reason") {
  const TemporaryFolder folder;
  {
    hdf5::OutputFile file(folder / "a.h5");
    file.write("values", std::vector<double>(1000, 1.0));
    file.commit();
  }
  SECTION("truncated") {
    cut_in_half(folder / "a.h5");
    const auto message = message_of<CorruptFile>([&] { hdf5::InputFile(folder / "a.h5"); });
    CHECK(message.find("a.h5") != std::string::npos);
    CHECK(message.find("truncated") != std::string::npos);
  }
  SECTION("something else") {
    write_file(folder / "a.h5", "Call me Ishmael.");
    CHECK_THROWS_AS(hdf5::InputFile(folder / "a.h5"), CorruptFile);
  }
  SECTION("absent") { CHECK_THROWS_AS(hdf5::InputFile(folder / "b.h5"), FileNotFound); }
  SECTION("without what is asked for") {
    const hdf5::InputFile file(folder / "a.h5");
    const auto message = message_of<CorruptFile>([&] { file.read<double>("spikes"); });
    CHECK(message.find("a.h5 holds no 'spikes'") != std::string::npos);
    CHECK_THROWS_AS(file.read_texts("values"), CorruptFile);
    CHECK_THROWS_AS(file.group("values"), CorruptFile);
    CHECK_THROWS_AS(file.text_attribute("units", "values"), CorruptFile);
  }
}

TEST_CASE("a full disk and a missing folder are told as such") {
  CHECK(message_of<OutputError>([] {
          write_file("/dev/full", "text");
        }).find("/dev/full cannot be written: No space left on device") == 0);
  CHECK(message_of<OutputError>([] {
          write_file("/no/such/folder/file", "text");
        }).find("No such file or directory") != std::string::npos);
  CHECK_THROWS_AS(hdf5::OutputFile("/dev/full").commit(), OutputError);
}

TEST_CASE("writing a file again replaces it whole and leaves nothing beside it") {
  const TemporaryFolder folder;
  write_file(folder / "a.txt", "earlier");
  write_file(folder / "a.txt", "later");
  CHECK(content_of(folder / "a.txt") == "later");
  const auto files = std::filesystem::directory_iterator(folder.path());
  CHECK(std::distance(begin(files), end(files)) == 1);
}

TEST_CASE("a checkpoint keeps every array of an archive, with its type") {
  const TemporaryFolder folder;
  Archive archive;
  archive.put("clock/now", std::vector<std::int64_t>{42});
  archive.put("clock/state", std::vector<double>{0.1, 0.2});
  archive.put("weights", std::vector<float>{1.5f});
  archive.put("neurons", std::vector<std::uint32_t>{1, 2, 3});
  archive.put("digest", std::vector<std::uint64_t>{~0ull});
  archive.put("nothing", std::vector<double>{});
  archive.put("fingerprint", std::string("clock 0.1"));
  write_checkpoint(folder / "c.h5", archive);
  CHECK(read_checkpoint(folder / "c.h5").arrays() == archive.arrays());
}

TEST_CASE("a checkpoint that is cut, foreign or missing is refused") {
  const TemporaryFolder folder;
  Archive archive;
  archive.put("state", std::vector<double>(5000, 0.5));
  write_checkpoint(folder / "c.h5", archive);
  cut_in_half(folder / "c.h5");
  CHECK_THROWS_AS(read_checkpoint(folder / "c.h5"), CorruptFile);
  CHECK_THROWS_AS(read_checkpoint(folder / "none.h5"), FileNotFound);
  hdf5::OutputFile foreign(folder / "f.h5");
  foreign.write("state", std::vector<double>{1.0});
  foreign.commit();
  CHECK(message_of<CorruptFile>([&] {
          read_checkpoint(folder / "f.h5");
        }).find("is not a checkpoint") != std::string::npos);
}

TEST_CASE("spikes are written as SONATA prescribes") {
  const TemporaryFolder folder;
  const SpikeTrain train{{0.5, 0.5, 2.25}, {1, 3, 0}};
  {
    hdf5::OutputFile file(folder / "s.h5");
    mark_as_sonata(file);
    write_spikes(file, "exc", train);
    file.commit();
  }
  const hdf5::InputFile file(folder / "s.h5");
  CHECK(file.natural_attribute("magic") == std::vector<std::uint32_t>{0x0A7A});
  CHECK(file.natural_attribute("version") == std::vector<std::uint32_t>{0, 1});
  CHECK(file.text_attribute("sorting", "spikes/exc") == "by_time");
  CHECK(file.text_attribute("units", "spikes/exc/timestamps") == "ms");
  CHECK(file.read<double>("spikes/exc/timestamps") == train.times);
  CHECK(file.type("spikes/exc/node_ids") == hdf5::ArrayType::natural);
  const auto back = read_spikes(file, "exc");
  CHECK(back.times == train.times);
  CHECK(back.neurons == train.neurons);
}

TEST_CASE("spikes of another writer are put in order of time and neuron") {
  const TemporaryFolder folder;
  {
    hdf5::OutputFile file(folder / "s.h5");
    file.write("spikes/a/timestamps", std::vector<float>{3.0f, 1.0f, 1.0f});
    file.write("spikes/a/node_ids", std::vector<std::int32_t>{0, 5, 2});
    file.write("spikes/b/timestamps", std::vector<double>{1.0});
    file.write("spikes/b/node_ids", std::vector<std::uint64_t>{});
    file.commit();
  }
  const hdf5::InputFile file(folder / "s.h5");
  const auto train = read_spikes(file, "a");
  CHECK(train.times == std::vector<double>{1.0, 1.0, 3.0});
  CHECK(train.neurons == std::vector<NeuronId>{2, 5, 0});
  CHECK_THROWS_AS(read_spikes(file, "b"), CorruptFile);
  CHECK_THROWS_AS(read_spikes(file, "c"), CorruptFile);
}

TEST_CASE("a trace says which neuron each column is and when its samples were taken") {
  const TemporaryFolder folder;
  const std::vector<NeuronId> neurons{4, 7};
  const std::vector<double> times{0.5, 1.0, 1.5}, values{1, 2, 3, 4, 5, 6};
  {
    hdf5::OutputFile file(folder / "r.h5");
    write_trace(file, "recordings/exc/V_m",
                {.variable = "V_m",
                 .unit = "mV",
                 .neurons = neurons,
                 .interval = 0.5,
                 .times = times,
                 .values = values});
    file.commit();
  }
  const hdf5::InputFile file(folder / "r.h5");
  const auto group = file.group("recordings/exc/V_m");
  CHECK(group.shape("data") == hdf5::Shape{3, 2});
  CHECK(group.read<double>("data") == values);
  CHECK(group.text_attribute("units", "data") == "mV");
  CHECK(group.read<std::uint64_t>("mapping/node_ids") == std::vector<std::uint64_t>{4, 7});
  CHECK(group.read<std::uint64_t>("mapping/index_pointers") == std::vector<std::uint64_t>{0, 1, 2});
  CHECK(group.read<double>("mapping/time") == std::vector<double>{0.5, 2.0, 0.5});
}

}  // namespace
}  // namespace ranvier
