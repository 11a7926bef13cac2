/// The section `data` of a classification.

#include "experiments/classification/data_section.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "experiments/config/document.hpp"
#include "tests/catch.hpp"
#include "tests/experiments/idx_files.hpp"

namespace ranvier {
namespace {

using Catch::Matchers::Contains;

ClassificationSetup read_section(const std::string& yaml) {
  auto document = ConfigDocument::from_text(yaml, "test.yaml");
  ClassificationSetup setup;
  read_data_section(ConfigNode(document), setup);
  document.require_valid();
  return setup;
}

ClassificationSetup digits() {
  ClassificationSetup setup;
  setup.data_set = "digits8x8";
  setup.network.layers.resize(1);
  setup.network.layers[0].size = 10;
  setup.network.layers[0].model = "leaky_integrator";
  return setup;
}

}  // namespace

TEST_CASE("the data section says what is done to the samples") {
  const auto setup = read_section(
      "{set: cifar10, train_samples: 500, normalise: {mean: [0.5, 0.4, 0.3], std: 0.25}, "
      "augmentation: {crop: 4, flip: true}}");
  CHECK(setup.data_set == "cifar10");
  CHECK(setup.data.train_samples == 500);
  CHECK(setup.data.normalisation.mean == std::vector<double>{0.5, 0.4, 0.3});
  CHECK(setup.data.normalisation.deviation == std::vector<double>{0.25});
  CHECK(setup.augmentation.crop == 4);
  CHECK(setup.augmentation.flip);
  CHECK(read_section("{set: fsdd, cochlea: {channels: 32}}").data.cochlea.channels == 32);
}

TEST_CASE("what the data section does not know is refused with its place") {
  const auto refused = [](const std::string& yaml, const std::string& reason) {
    CHECK_THROWS_AS(read_section(yaml), InvalidConfig);
    CHECK_THROWS_WITH(read_section(yaml), Contains(reason));
  };
  refused("{set: cifar11}", "did you mean 'cifar10'?");
  refused("{set: cifar10, augmentation: {crops: 4}}", "did you mean 'crop'?");
  refused("{set: cifar10, augmentation: {crop: -1}}", "augmentation.crop");
  refused("{set: cifar10, normalise: {std: 0}}", "normalise.std");
  refused("{set: cifar10, cochlea: {channels: 32}}", "is no recorded sound");
}

TEST_CASE("training samples are augmented, calibration and test samples never") {
  auto setup = digits();
  setup.augmentation.crop = 2;
  const auto data = load_classification_data(setup);
  const auto differs = [](const LabelledData& part) {
    std::vector<float> plain(part.shape().size()), trained_on(plain);
    std::size_t different = 0;
    for (std::size_t i = 0; i < part.size(); ++i) {
      part.values(i, 0, plain);
      part.values(i, 1, trained_on);
      different += plain == trained_on ? 0 : 1;
    }
    return different;
  };
  CHECK(differs(data.train) > data.train.size() / 2);
  CHECK(differs(data.calibration) == 0);
  CHECK(differs(data.test) == 0);
}

TEST_CASE("normalised digits have the mean and deviation asked for in every part") {
  auto setup = digits();
  setup.data.normalisation = {.mean = {0.25}, .deviation = {0.5}};
  const auto data = load_classification_data(setup);
  const auto plain = load_classification_data(digits());
  const auto before = values_of(plain.test, 5), after = values_of(data.test, 5);
  for (std::size_t p = 0; p < 64; ++p) CHECK(after[p] == (before[p] - 0.25F) * 2.0F);
  setup.data.normalisation.mean = {0.1, 0.2};
  CHECK_THROWS_WITH(load_classification_data(setup), Contains("2 numbers as mean; expected 1"));
}

TEST_CASE("an augmentation or encoding that the data do not allow is refused before training") {
  auto setup = digits();
  setup.augmentation.jitter = 1.0;
  CHECK_THROWS_WITH(load_classification_data(setup), Contains("not events"));
  setup = digits();
  setup.network.encoding = {"events", {}};
  CHECK_THROWS_WITH(load_classification_data(setup),
                    Contains("training part of data set 'digits8x8' holds values"));
  setup.network.encoding = {"events", {{"bins", "counts"}}};
  CHECK_THROWS_AS(load_classification_data(setup), Unsupported);
}

TEST_CASE("a class that a part lacks is named") {
  auto setup = digits();
  setup.data.test_samples = 7;
  const auto notes = load_classification_data(setup).notes;
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes[0], Contains("the test part of data set 'digits8x8' has no sample of class"));
  CHECK(load_classification_data(digits()).notes.empty());
}

TEST_CASE("events after the window are told once, and damaged recordings before training") {
  const test::TemporaryFolder folder;
  for (const std::string part : {"Train", "Test"}) {
    for (int digit = 0; digit < 10; ++digit) {
      const auto place = folder / part / std::to_string(digit);
      std::filesystem::create_directories(place);
      for (int take = 0; take < 4; ++take) {
        // Two events, at 1 ms and at 20 ms.
        test::write_plain(place / (std::to_string(take) + ".bin"),
                          {1, 1, 0, 0x03, 0xe8, 2, 2, 0, 0x4e, 0x20});
      }
    }
  }
  auto setup = digits();
  setup.data_set = "nmnist";
  setup.data.folder = folder.path();
  setup.network.steps = 10;
  setup.network.encoding = {"events", {}};
  setup.calibration = 0.25;
  const auto notes = load_classification_data(setup).notes;
  REQUIRE(notes.size() == 3);  // one for each part
  CHECK_THAT(notes[0], Contains("30 of 60 events of the training part of data set 'nmnist' come "
                                "after the window of 10 ms, in 30 of 30 samples"));
  setup.network.steps = 25;
  CHECK(load_classification_data(setup).notes.empty());
  test::write_plain(folder / "Test/3/2.bin", {1, 1});
  CHECK_THROWS_AS(load_classification_data(setup), CorruptFile);
}

}  // namespace ranvier
