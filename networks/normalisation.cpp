#include "networks/normalisation.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

double of_channel(const std::vector<double>& numbers, std::size_t channel, double otherwise) {
  if (numbers.empty()) return otherwise;
  return numbers.size() == 1 ? numbers[0] : numbers[channel];
}

void require_channels(const std::vector<double>& numbers, std::size_t channels,
                      std::string_view what, std::string_view where) {
  if (numbers.size() <= 1 || numbers.size() == channels) return;
  throw InvalidValue(fmt::format("{} has {} numbers as {}; expected 1 or {}, one for each channel",
                                 where, numbers.size(), what, channels));
}

}  // namespace

void Normalisation::validate(const Shape& shape, std::string_view where) const {
  require_channels(mean, shape.channels, "mean", where);
  require_channels(deviation, shape.channels, "deviation", where);
  for (const double x : mean) {
    if (std::isfinite(x)) continue;
    throw InvalidValue(fmt::format("{} has mean {}; expected a finite number", where, x));
  }
  for (const double x : deviation) {
    if (x > 0.0 && std::isfinite(x)) continue;
    throw InvalidValue(
        fmt::format("{} has deviation {}; expected a number greater than 0", where, x));
  }
}

void normalise(const Normalisation& normalisation, std::span<float> values) {
  if (normalisation.empty()) return;
  const auto channels =
      std::max({normalisation.mean.size(), normalisation.deviation.size(), std::size_t{1}});
  const auto plane = values.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    const auto mean = static_cast<float>(of_channel(normalisation.mean, c, 0.0));
    const auto factor = static_cast<float>(1.0 / of_channel(normalisation.deviation, c, 1.0));
    for (auto& x : values.subspan(c * plane, plane)) x = (x - mean) * factor;
  }
}

}  // namespace ranvier
