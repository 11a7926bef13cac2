#pragma once

/// Choosing among the samples of a data set, the same way for the same seed on every machine: the
/// place of a sample in a random order is a pure function of the seed and its index
/// (Philox4x32-10).

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "experiments/datasets/dataset.hpp"

namespace ranvier {

/// The numbers 0 to n - 1 in an order drawn from `seed`; another purpose, another order.
std::vector<std::size_t> permutation(std::size_t n, std::uint64_t seed,
                                     Purpose purpose = Purpose::shuffle);

/// All samples in an order drawn from `seed`.
LabelledData shuffled(const LabelledData& data, std::uint64_t seed);

/// Divides `data` into `train` and `test`, `held_out` samples going to `test`. Every class is held
/// out in proportion to its size, to within one sample; both parts keep the order of `data`. Throws
/// InvalidValue where fewer than `held_out` samples exist.
DataSplit split_count(const LabelledData& data, std::size_t held_out, std::uint64_t seed);

/// The same with the nearest whole number of samples to `fraction` of them. Throws InvalidValue
/// where `fraction` is not between 0 and 1.
DataSplit split_fraction(const LabelledData& data, double fraction, std::uint64_t seed);

/// `count` samples, every class in proportion to its size, to within one sample.
LabelledData stratified_subset(const LabelledData& data, std::size_t count, std::uint64_t seed);

/// Number of samples of each class.
std::vector<std::size_t> class_counts(const LabelledData& data);

/// The classes that have no sample, as a list for people: "3, 7"; empty where none is missing.
std::string missing_classes(const LabelledData& data);

}  // namespace ranvier
