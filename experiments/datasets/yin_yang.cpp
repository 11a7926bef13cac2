/// The Yin-Yang data set: points of a disc, in three classes that no line divides. Made, not stored:
/// every sample is a pure function of the experiment's seed, its part and its index.
///
/// Source: L. Kriener, J. Goeltz & M. A. Petrovici 2022, NICE, arXiv:2102.08211, whose geometry this is:
/// a disc of radius 1/2 about (1/2, 1/2), a dot of radius 1/10 in the middle of each half. The draws
/// are ours, so that samples differ from the published ones, as they do between seeds there.

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "core/random.hpp"
#include "experiments/datasets/dataset.hpp"

namespace ranvier {
namespace {

constexpr std::size_t train_samples =
    6000;  // as published: 5000 to train on, 1000 to validate with
constexpr std::size_t test_samples = 1000;
constexpr std::size_t values_per_sample = 4;  // x, y, 1 - x, 1 - y
constexpr std::uint32_t classes = 3;

/// Tells the draws of the two parts apart, and from those of other choices of this purpose.
enum class Part : std::uint32_t { train = 0x5959, test = 0x595a };

struct Point {
  double x, y;
};

double distance(const Point& a, const Point& b) { return std::hypot(a.x - b.x, a.y - b.y); }

constexpr double disc = 0.5, half_disc = 0.25, dot = 0.1;
constexpr Point centre{0.5, 0.5}, left{0.25, 0.5}, right{0.75, 0.5};

/// 0 yin, 1 yang, 2 the dots. Yang is the upper half, with the left lobe and without the right one.
std::uint8_t class_of(const Point& point) {
  if (distance(point, left) <= dot || distance(point, right) <= dot) return 2;
  if (distance(point, left) <= half_disc) return 1;
  if (distance(point, right) <= half_disc) return 0;
  return point.y > centre.y ? 1 : 0;
}

/// A point of the class that is drawn first, so that all are equally likely: points of the square
/// are passed over until one fits.
Point drawn(Draws draws, std::uint8_t& label) {
  label = static_cast<std::uint8_t>(draws.below(classes));
  for (;;) {
    const double x = draws.uniform();
    const Point point{x, draws.uniform()};
    if (distance(point, centre) <= disc && class_of(point) == label) return point;
  }
}

/// Samples with their values.
class Points final : public Examples {
 public:
  Points(std::size_t samples, std::uint64_t seed, Part part) {
    const RandomStream stream(seed, Purpose::split, static_cast<std::uint32_t>(part));
    values_.reserve(samples * values_per_sample);
    labels_.resize(samples);
    for (std::size_t i = 0; i < samples; ++i) {
      const auto point = drawn(stream.at(static_cast<std::uint32_t>(i), 0), labels_[i]);
      for (const double v : {point.x, point.y, 1.0 - point.x, 1.0 - point.y}) {
        values_.push_back(static_cast<float>(v));
      }
    }
  }

  std::size_t size() const noexcept override { return labels_.size(); }
  Shape shape() const noexcept override { return {.channels = values_per_sample}; }
  std::uint8_t label(std::size_t i) const override { return labels_[i]; }
  void values(std::size_t i, std::uint32_t /*epoch*/, std::span<float> to) const override {
    for (std::size_t k = 0; k < values_per_sample; ++k) to[k] = values_[i * values_per_sample + k];
  }

 private:
  std::vector<float> values_;
  std::vector<std::uint8_t> labels_;
};

DataSplit load(const DataSetDescription& /*description*/, const DataOptions& options) {
  const auto part = [&](std::size_t samples, Part which) {
    return LabelledData("yin_yang", classes,
                        std::make_shared<Points>(samples, options.seed, which));
  };
  return {part(train_samples, Part::train), part(test_samples, Part::test)};
}

DataSetDescription description() {
  return {
      .name = "yin_yang",
      .summary = "points (x, y, 1 - x, 1 - y) of the yin-yang sign, 3 classes; drawn by the seed",
      .licence = "made by Ranvier after Kriener, Goeltz & Petrovici 2022, arXiv:2102.08211",
      .classes = classes,
      .shape = {values_per_sample},
      .train_samples = train_samples,
      .test_samples = test_samples,
      .folder = "yin_yang",
      .load = &load,
  };
}

[[maybe_unused]] const auto& registered = add_data_set(description());

}  // namespace
}  // namespace ranvier
