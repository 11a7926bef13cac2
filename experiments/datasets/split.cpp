#include "experiments/datasets/split.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

/// Shares `total` out in proportion to `sizes`: the floor of each quota, then one more to the
/// largest remainders (Hamilton's method), so that the shares sum to `total` exactly.
std::vector<std::size_t> proportional_shares(std::span<const std::size_t> sizes,
                                             std::size_t total) {
  const auto whole = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
  std::vector<std::size_t> shares(sizes.size());
  std::vector<std::pair<std::size_t, std::size_t>> remainders;
  std::size_t left = total;
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    shares[c] = whole == 0 ? 0 : total * sizes[c] / whole;
    left -= shares[c];
    remainders.emplace_back(total * sizes[c] - shares[c] * whole, c);
  }
  std::ranges::stable_sort(remainders, std::greater<>(),
                           &std::pair<std::size_t, std::size_t>::first);
  for (std::size_t k = 0; k < left; ++k) ++shares[remainders[k].second];
  return shares;
}

/// Whether each sample is among `count` drawn by class.
std::vector<bool> chosen_by_class(const LabelledData& data, std::size_t count, std::uint64_t seed) {
  if (count > data.size()) {
    throw InvalidValue(fmt::format("{} samples of '{}' are asked for; expected at most {}", count,
                                   data.name(), data.size()));
  }
  auto wanted = proportional_shares(class_counts(data), count);
  std::vector<bool> chosen(data.size(), false);
  for (const auto i : permutation(data.size(), seed, Purpose::split)) {
    auto& still_wanted = wanted[data.label(i)];
    if (still_wanted == 0) continue;
    chosen[i] = true;
    --still_wanted;
  }
  return chosen;
}

LabelledData where(const LabelledData& data, const std::vector<bool>& chosen, bool value) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i] == value) indices.push_back(i);
  }
  return data.subset(indices);
}

}  // namespace

std::vector<std::size_t> permutation(std::size_t n, std::uint64_t seed, Purpose purpose) {
  const RandomStream stream(seed, purpose);
  std::vector<std::pair<std::uint64_t, std::size_t>> order(n);
  for (std::size_t i = 0; i < n; ++i) {
    auto draws = stream.at(0, i);
    const std::uint64_t high = draws.bits();
    order[i] = {high << 32 | draws.bits(), i};
  }
  std::ranges::sort(order);
  std::vector<std::size_t> result(n);
  std::ranges::transform(order, result.begin(), [](const auto& entry) { return entry.second; });
  return result;
}

LabelledData shuffled(const LabelledData& data, std::uint64_t seed) {
  return data.subset(permutation(data.size(), seed, Purpose::shuffle));
}

DataSplit split_count(const LabelledData& data, std::size_t held_out, std::uint64_t seed) {
  const auto in_test = chosen_by_class(data, held_out, seed);
  return {where(data, in_test, false), where(data, in_test, true)};
}

DataSplit split_fraction(const LabelledData& data, double fraction, std::uint64_t seed) {
  if (!(fraction >= 0.0 && fraction <= 1.0)) {
    throw InvalidValue(fmt::format("the fraction of '{}' to hold out is {}; expected 0 to 1",
                                   data.name(), fraction));
  }
  const auto held_out = std::llround(fraction * static_cast<double>(data.size()));
  return split_count(data, static_cast<std::size_t>(held_out), seed);
}

LabelledData stratified_subset(const LabelledData& data, std::size_t count, std::uint64_t seed) {
  return where(data, chosen_by_class(data, count, seed), true);
}

std::vector<std::size_t> class_counts(const LabelledData& data) {
  std::vector<std::size_t> counts(data.classes(), 0);
  for (const auto label : data.labels()) ++counts.at(label);
  return counts;
}

std::string missing_classes(const LabelledData& data) {
  const auto counts = class_counts(data);
  std::vector<std::size_t> missing;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] == 0) missing.push_back(c);
  }
  return fmt::format("{}", fmt::join(missing, ", "));
}

}  // namespace ranvier
