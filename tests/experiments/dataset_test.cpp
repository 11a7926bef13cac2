#include "experiments/datasets/dataset.hpp"

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "experiments/datasets/split.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/idx_files.hpp"
#include "tests/experiments/published_data.hpp"

using namespace ranvier;
using namespace ranvier::test;
using Catch::Matchers::Contains;

namespace {

using Counts = std::vector<std::size_t>;

Counts sum(const Counts& a, const Counts& b) {
  Counts result(a.size());
  std::transform(a.begin(), a.end(), b.begin(), result.begin(), std::plus<>());
  return result;
}

std::vector<float> inputs_of(const LabelledData& data) {
  std::vector<float> inputs(data.size() * data.shape().size());
  for (std::size_t i = 0; i < data.size(); ++i) {
    data.values(i, 0, std::span(inputs).subspan(i * data.shape().size(), data.shape().size()));
  }
  return inputs;
}

void check_scaled(const LabelledData& data) {
  const auto inputs = inputs_of(data);
  const auto [darkest, brightest] = std::ranges::minmax(inputs);
  CHECK(darkest == 0.0F);
  CHECK(brightest == 1.0F);
}

}  // namespace

TEST_CASE("the 8x8 digits have the class counts of the UCI set") {
  const auto data = load_data("digits8x8");
  CHECK(sum(class_counts(data.train), class_counts(data.test)) ==
        Counts{178, 182, 177, 183, 181, 182, 181, 179, 174, 180});
  CHECK(data.train.size() == 1198);
  CHECK(data.test.size() == 599);
  CHECK(sizes_of(data.train.shape()) == Counts{8, 8});
  check_scaled(data.train);
  const auto& set = data_sets().at("digits8x8");
  CHECK(set.train_samples == data.train.size());
  CHECK(set.test_samples == data.test.size());
}

TEST_CASE("every grey level of the 8x8 digits is a whole number of sixteenths") {
  const auto data = load_data("digits8x8").test;
  CHECK(std::ranges::all_of(inputs_of(data), [](float x) {
    return x * 16.0F == static_cast<float>(static_cast<int>(x * 16.0F));
  }));
}

TEST_CASE("the experiment's seed decides which digits are held out") {
  DataOptions options;
  options.seed = 7;
  const auto once = load_data("digits8x8", options);
  const auto again = load_data("digits8x8", options);
  options.seed = 8;
  const auto other = load_data("digits8x8", options);
  CHECK(inputs_of(once.test) == inputs_of(again.test));
  CHECK(std::ranges::equal(once.train.labels(), again.train.labels()));
  CHECK(inputs_of(once.test) != inputs_of(other.test));
}

TEST_CASE("fewer samples on request keep the proportions of the classes") {
  DataOptions options;
  options.train_samples = 100;
  options.test_samples = 20;
  const auto data = load_data("digits8x8", options);
  CHECK(data.train.size() == 100);
  CHECK(data.test.size() == 20);
  // 10 classes share 100 samples by quotas between 9.6 and 10.3, and 20 by quotas near 2.
  CHECK(std::ranges::all_of(class_counts(data.train), [](auto n) { return n >= 9 && n <= 11; }));
  CHECK(std::ranges::all_of(class_counts(data.test), [](auto n) { return n >= 1 && n <= 3; }));
}

TEST_CASE("more samples than there are, and unknown data sets, are refused") {
  DataOptions options;
  options.test_samples = 600;
  CHECK_THROWS_AS(load_data("digits8x8", options), InvalidValue);
  CHECK_THROWS_WITH(load_data("digits8x8", options),
                    Contains("test_samples of data set 'digits8x8' is 600") && Contains("599"));
  CHECK_THROWS_AS(load_data("fashion-mnist"), UnknownName);
  CHECK_THROWS_WITH(load_data("fashion-mnist"), Contains("did you mean 'fashion_mnist'?"));
}

TEST_CASE("a data set cannot be registered twice") {
  CHECK_THROWS_AS(add_data_set(data_sets().at("mnist")), InvalidValue);
}

TEST_CASE("MNIST is found in $RANVIER_DATA, then in the cache, unpacked too") {
  const TemporaryFolder data;
  const TemporaryFolder cache;
  const EnvironmentVariable root("RANVIER_DATA", data.path().c_str());
  const EnvironmentVariable cached("XDG_CACHE_HOME", cache.path().c_str());
  write_small_mnist(cache / "ranvier/mnist", 10);
  CHECK(load_data("mnist").train.size() == 10);
  write_small_mnist(data / "mnist", 20);
  CHECK(load_data("mnist").train.size() == 20);

  std::filesystem::remove_all(data / "mnist");
  std::filesystem::remove(cache / "ranvier/mnist/t10k-labels-idx1-ubyte.gz");
  write_plain(cache / "ranvier/mnist/t10k-labels-idx1-ubyte",
              idx_bytes(0x801, {10}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}));
  CHECK(std::ranges::equal(load_data("mnist").test.labels(), Bytes{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}));
}

TEST_CASE("MNIST that is nowhere is refused with the places searched and the way to get it") {
  const TemporaryFolder data;
  const TemporaryFolder cache;
  const EnvironmentVariable root("RANVIER_DATA", data.path().c_str());
  const EnvironmentVariable cached("XDG_CACHE_HOME", cache.path().c_str());
  CHECK_THROWS_AS(load_data("mnist"), FileNotFound);
  CHECK_THROWS_WITH(load_data("mnist"), Contains((data / "mnist").string()) &&
                                            Contains((cache / "ranvier/mnist").string()) &&
                                            Contains("`ranvier data fetch mnist`"));
  write_small_mnist(data / "mnist", 10);
  std::filesystem::remove(data / "mnist/t10k-labels-idx1-ubyte.gz");
  CHECK_THROWS_WITH(load_data("mnist"), Contains("lacks t10k-labels-idx1-ubyte.gz"));
}

TEST_CASE("without an environment the message still says where MNIST could be") {
  const EnvironmentVariable root("RANVIER_DATA", nullptr);
  const EnvironmentVariable cached("XDG_CACHE_HOME", nullptr);
  const EnvironmentVariable home("HOME", nullptr);
  CHECK_THROWS_WITH(load_data("mnist"), Contains("HOME and RANVIER_DATA are not set"));
}

TEST_CASE("a folder given by the user is searched alone") {
  const TemporaryFolder data;
  const TemporaryFolder chosen;
  const EnvironmentVariable root("RANVIER_DATA", data.path().c_str());
  write_small_mnist(data / "mnist", 10);
  DataOptions options;
  options.folder = chosen.path();
  CHECK_THROWS_AS(load_data("mnist", options), FileNotFound);
  write_small_mnist(chosen.path(), 20);
  CHECK(load_data("mnist", options).train.size() == 20);
}

TEST_CASE("images that are not 28 x 28 are not MNIST") {
  const TemporaryFolder folder;
  write_small_mnist(folder.path(), 2);
  write_gzip(folder / "t10k-images-idx3-ubyte.gz", idx_bytes(0x803, {2, 8, 8}, Bytes(128)));
  DataOptions options;
  options.folder = folder.path();
  CHECK_THROWS_AS(load_data("mnist", options), CorruptFile);
  CHECK_THROWS_WITH(load_data("mnist", options),
                    Contains("images are 8 x 8") && Contains("expects 28 x 28"));
}

TEST_CASE("MNIST has its published sizes and class counts") {
  const auto options = published_data("mnist");
  if (!options) return;
  const auto data = load_data("mnist", *options);
  CHECK(class_counts(data.train) ==
        Counts{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949});
  CHECK(class_counts(data.test) == Counts{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009});
  CHECK(data.train.size() == 60000);
  CHECK(data.test.size() == 10000);
  CHECK(sizes_of(data.train.shape()) == Counts{28, 28});
  check_scaled(data.train);
  // The mean grey level that is customarily used to normalise MNIST, to its four decimals.
  const auto levels = inputs_of(data.train);
  const auto sum_of_levels = std::accumulate(levels.begin(), levels.end(), 0.0);
  CHECK(sum_of_levels / static_cast<double>(levels.size()) == Approx(0.1307).margin(0.00005));
}

TEST_CASE("Fashion-MNIST has its published sizes and equal classes") {
  const auto options = published_data("fashion-mnist");
  if (!options) return;
  const auto data = load_data("fashion_mnist", *options);
  CHECK(class_counts(data.train) == Counts(10, 6000));
  CHECK(class_counts(data.test) == Counts(10, 1000));
  check_scaled(data.test);
  const auto levels = inputs_of(data.train);
  const auto sum_of_levels = std::accumulate(levels.begin(), levels.end(), 0.0);
  CHECK(sum_of_levels / static_cast<double>(levels.size()) == Approx(0.2860).margin(0.00005));
}
