#pragma once

/// Training a network on labelled samples, and measuring it.
///
/// Every batch is cut into chunks of a fixed size; each has its own gradient, and these are summed
/// in the order of the chunks. The order of samples is a pure function of (seed, epoch). So the
/// weights come out the same to the bit for any number of threads, and after any stop and resume.

#include <cstdint>
#include <vector>

#include "networks/examples.hpp"
#include "networks/sequential.hpp"
#include "networks/training_loop.hpp"

namespace ranvier {

/// Trains `network` in place, starting from `state` where that holds weights and from the network's
/// own otherwise; returns false where a hook stopped it. `state` is up to date either way.
/// `validation` may be empty. Throws InvalidValue where the data, the state or the description does
/// not fit the network.
bool fit(Sequential<float>& network, const Examples& train, const Examples& validation,
         const TrainingDescription& description, int threads, TrainingState& state,
         const TrainingHooks& hooks = {});

/// Runs the network over a data set. `seed` matters to encodings that draw random numbers.
Evaluation evaluate(const Sequential<float>& network, const Examples& examples, int threads,
                    std::uint64_t seed = 1);

/// Class scores of every sample after every step, [T][N][K]: what a decision to stop early needs.
std::vector<double> scores_over_time(const Sequential<float>& network, const Examples& examples,
                                     int threads, std::uint64_t seed = 1);

}  // namespace ranvier
