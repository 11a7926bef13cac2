#pragma once

/// Initial weights of a layer, each a pure function of (seed, layer, output, input).

#include <cstddef>
#include <span>

#include "core/random.hpp"

namespace ranvier {

/// Kaiming keeps the variance of the drive at gain^2 whatever the fan-in; Xavier balances fan-in
/// and fan-out. Sources: He et al. 2015, ICCV, arXiv:1502.01852; Glorot & Bengio 2010, AISTATS.
enum class Initialisation : int { kaiming_uniform, kaiming_normal, xavier_uniform, xavier_normal };

/// Standard deviation of the weights: gain / sqrt(fan_in), or gain sqrt(2 / (fan_in + fan_out)).
double initial_deviation(Initialisation rule, double gain, std::size_t fan_in, std::size_t fan_out);

/// Fills `weights` [fan_out][fan_in].
template <class Real>
void initialise(Initialisation rule, double gain, std::size_t fan_in, std::size_t fan_out,
                const RandomStream& stream, std::span<Real> weights);

}  // namespace ranvier
