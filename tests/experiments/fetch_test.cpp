#include "experiments/datasets/files/fetch.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "experiments/datasets/files/inventory.hpp"
#include "experiments/datasets/files/locate.hpp"
#include "experiments/datasets/files/sha256.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/idx_files.hpp"

using namespace ranvier;
using namespace ranvier::test;
using Catch::Matchers::Contains;

namespace {

const Bytes content = {'a', 'b', 'c'};
const std::string content_sha256 =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A set of two files that hold "abc", packed and plain.
DataSetDescription small_set() {
  DataSetDescription set;
  set.name = "small";
  set.folder = "small-set";
  set.base_url = "https://example.org/data";
  set.files = {{"one.gz", content_sha256, {3}}, {"two", content_sha256, {3}}};
  return set;
}

/// A mirror that holds the set, a destination, and their options.
struct Site {
  TemporaryFolder mirror;
  TemporaryFolder destination;
  DataSetDescription set = small_set();

  Site() {
    write_gzip(mirror / "small-set/one.gz", content);
    write_plain(mirror / "small-set/two", content);
  }

  FetchOptions options() const {
    return {destination.path(), "file://" + mirror.path().string(), nullptr};
  }

  std::vector<std::string> arrived() const {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(destination.path() / "small-set")) {
      names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
  }
};

}  // namespace

TEST_CASE("SHA-256 has the value of FIPS 180-4's examples") {
  CHECK(sha256(content) == content_sha256);
  CHECK(sha256({}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("a file's address is the published one or below the mirror") {
  const auto set = small_set();
  CHECK(address(set, set.files[0], "") == "https://example.org/data/one.gz");
  CHECK(address(set, set.files[0], "file:///m/") == "file:///m/small-set/one.gz");
}

TEST_CASE("a fetched set is whole, verified and leaves no temporary files") {
  const Site site;
  const auto paths = fetch_files(site.set, site.options());
  REQUIRE(paths.size() == 2);
  CHECK(read_bytes(paths[0]) == read_bytes(site.mirror / "small-set/one.gz"));
  CHECK(read_bytes(paths[1]) == content);
  CHECK(site.arrived() == std::vector<std::string>{"one.gz", "two"});
  for (const auto& status : verify_files(site.set, site.destination.path())) {
    CHECK(status.state == FileState::ok);
    CHECK(status.problem.empty());
  }
}

TEST_CASE("RANVIER_DATA_MIRROR replaces the published address") {
  const Site site;
  auto options = site.options();
  const EnvironmentVariable mirror("RANVIER_DATA_MIRROR", options.mirror.c_str());
  options.mirror.clear();
  CHECK(fetch_files(site.set, options).size() == 2);
}

TEST_CASE("without a destination a set goes to the cache, where loading looks") {
  const Site site;
  const EnvironmentVariable cache("XDG_CACHE_HOME", site.destination.path().c_str());
  const EnvironmentVariable data("RANVIER_DATA", nullptr);
  auto options = site.options();
  options.destination.clear();
  const auto fetched = fetch_files(site.set, options);
  CHECK(fetched == located_files(site.set));
}

TEST_CASE("files that are right are not fetched again, wrong ones are") {
  const Site site;
  fetch_files(site.set, site.options());
  std::filesystem::remove(site.mirror / "small-set/one.gz");
  write_plain(site.destination / "small-set/two", {'b', 'a', 'd'});
  std::vector<std::string> fetched;
  auto options = site.options();
  options.progress = [&fetched](const FetchProgress& progress) {
    if (fetched.empty() || fetched.back() != progress.file) fetched.emplace_back(progress.file);
    return true;
  };
  fetch_files(site.set, options);
  CHECK(fetched == std::vector<std::string>{"two"});
  CHECK(read_bytes(site.destination / "small-set/two") == content);
}

TEST_CASE("a mirror without the file is reported with its address") {
  const Site site;
  std::filesystem::remove(site.mirror / "small-set/two");
  CHECK_THROWS_AS(fetch_files(site.set, site.options()), FileNotFound);
  CHECK_THROWS_WITH(fetch_files(site.set, site.options()),
                    Contains("small-set/two cannot be downloaded"));
  CHECK(site.arrived() == std::vector<std::string>{"one.gz"});
}

TEST_CASE("a download with other content is refused and not kept") {
  const Site site;
  write_gzip(site.mirror / "small-set/one.gz", {'a', 'b', 'd'});
  CHECK_THROWS_AS(fetch_files(site.set, site.options()), CorruptFile);
  CHECK_THROWS_WITH(fetch_files(site.set, site.options()),
                    Contains("small-set/one.gz sent is not the published file") &&
                        Contains("expected " + content_sha256));
  CHECK(site.arrived().empty());
}

TEST_CASE("a download that was cut is refused and not kept") {
  const Site site;
  auto bytes = read_bytes(site.mirror / "small-set/one.gz");
  bytes.pop_back();
  write_plain(site.mirror / "small-set/one.gz", bytes);
  CHECK_THROWS_AS(fetch_files(site.set, site.options()), CorruptFile);
  CHECK(site.arrived().empty());
}

TEST_CASE("a destination that cannot be written is reported") {
  const Site site;
  auto options = site.options();
  options.destination = site.mirror / "small-set/two";
  CHECK_THROWS_AS(fetch_files(site.set, options), OutputError);
  CHECK_THROWS_WITH(fetch_files(site.set, options), Contains("cannot be written"));
}

TEST_CASE("a disk that is full while a download is stored is reported") {
  if (!std::filesystem::exists("/dev/full")) {
    WARN("skipped: this system has no /dev/full");
    return;
  }
  const Site site;
  // The temporary name of a download is the final one, the process and "part".
  const auto part = site.destination / ("small-set/one.gz." + std::to_string(::getpid()) + ".part");
  std::filesystem::create_directories(part.parent_path());
  std::filesystem::create_symlink("/dev/full", part);
  CHECK_THROWS_AS(fetch_files(site.set, site.options()), OutputError);
  CHECK(site.arrived().empty());
}

TEST_CASE("the progress callback can stop a download, and nothing is kept") {
  const Site site;
  auto options = site.options();
  options.progress = [](const FetchProgress&) { return false; };
  CHECK_THROWS_AS(fetch_files(site.set, options), Interrupted);
  CHECK(site.arrived().empty());
}

TEST_CASE("verification tells ok, missing and wrong files apart") {
  const Site site;
  fetch_files(site.set, site.options());
  write_plain(site.destination / "small-set/two", {'b', 'a', 'd'});
  auto statuses = verify_files(site.set, site.destination.path());
  CHECK(statuses[0].state == FileState::ok);
  CHECK(statuses[1].state == FileState::wrong);
  CHECK_THAT(statuses[1].problem, Contains("two") && Contains("expected " + content_sha256));
  std::filesystem::remove(site.destination / "small-set/one.gz");
  statuses = verify_files(site.set, site.destination.path());
  CHECK(statuses[0].state == FileState::missing);
  CHECK_THAT(statuses[0].problem, Contains("one.gz: no such file"));
}

TEST_CASE("an unpacked copy of a packed file verifies") {
  const Site site;
  write_plain(site.destination / "small-set/one", content);
  write_plain(site.destination / "small-set/two", content);
  for (const auto& status : verify_files(site.set, site.destination.path())) {
    CHECK(status.state == FileState::ok);
  }
}

TEST_CASE("what is built in needs neither fetching nor verifying") {
  CHECK(fetch_data("digits8x8").empty());
  CHECK(verify_data("digits8x8").empty());
  CHECK_THROWS_AS(fetch_data("mnits"), UnknownName);
  CHECK_THROWS_AS(verify_data("mnits"), UnknownName);
}

TEST_CASE("the list of data sets says what is here and where it was sought") {
  const TemporaryFolder data;
  const EnvironmentVariable root("RANVIER_DATA", data.path().c_str());
  write_small_mnist(data / "mnist", 10);
  const auto sets = list_data();
  const auto at = [&sets](const std::string& name) {
    return *std::ranges::find(sets, name, &DataSetStatus::name);
  };
  CHECK(at("digits8x8").built_in);
  CHECK(at("digits8x8").complete);
  CHECK(at("mnist").complete);
  CHECK(at("mnist").folder == data / "mnist");
  CHECK(at("fashion_mnist").searched.front() == data / "fashion-mnist");
  CHECK(at("fashion_mnist").searched.back() == "/usr/share/datasets/fashion-mnist");
}

TEST_CASE("the published MNIST and Fashion-MNIST files verify, with any gzip header") {
  std::size_t verified = 0;
  for (const auto& status : list_data()) {
    if (status.built_in || !status.complete) continue;
    ++verified;
    for (const auto& file : verify_data(status.name)) {
      INFO(file.problem);
      CHECK(file.state == FileState::ok);
    }
  }
  if (verified == 0) WARN("skipped: no published data set on this machine");
}
