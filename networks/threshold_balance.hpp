#pragma once

/// Thresholds for activations without levels, from what they do on samples.
///
/// A rectified unit has no largest value, but a neuron sends one spike a step at most and so stands
/// for values up to its threshold. The threshold of a layer is a percentile of the activations of all
/// its neurons over the samples, zeros included: 100 is the maximum of Diehl et al.; somewhat less
/// clips a few values of outliers and gives all others a finer grid. Thresholds are scaled here
/// instead of weights: W_l := W_l m_{l-1}/m_l at threshold 1 is the same network.
///
/// Sources: P. U. Diehl et al., IJCNN 2015 (maximum); B. Rueckauer et al. 2017, Front. Neurosci.
/// 11:682 (percentile 99.9).

#include <cstddef>
#include <vector>

#include "networks/examples.hpp"
#include "networks/sequential.hpp"

namespace ranvier {

/// Whether the network has activations whose thresholds must come from data.
bool needs_balance(const Sequential<float>& network);

/// Threshold of each layer [layers], 0 where it has no activation or one with levels of its own, from
/// the first `samples` of `examples` as evaluation sees them. Between two values the percentile is
/// interpolated linearly. The same for any number of threads. Throws InvalidValue where there are no
/// samples, they do not fit the network, or a threshold would be 0.
std::vector<double> balanced_thresholds(const Sequential<float>& network, const Examples& examples,
                                        double percentile, std::size_t samples, int threads);

/// The `percentile` of `count` values of which the largest are given, in any order: at least
/// values_above(percentile, count) of them.
double percentile_of_largest(std::vector<float> largest, double percentile, std::size_t count);

/// How many of the largest of `count` values tell their percentile.
std::size_t values_above(double percentile, std::size_t count);

}  // namespace ranvier
