#pragma once

/// From units without time to neurons that spike: what a trained activation becomes.
///
/// A conversion has two sides. *Input* is how a sample is shown. With `constant` input it is the drive
/// of every step, and over T steps a neuron of threshold lambda that starts at lambda/2 sends on average
/// the activation on a grid of lambda/T. With `one_shot` input sample and biases arrive once, at the
/// start; a neuron's threshold is one level s = lambda/L and it counts its level out, a spike a step, L
/// at most. *Variant* is whether spikes can be taken back: in the `signed` variant a neuron whose
/// membrane has turned negative after it has sent some, because inhibition came later than excitation,
/// sends a negative one.
///
/// Signed and one-shot together end, once nothing moves any more, at the levels of the quantised
/// network, whatever the order in which spikes came: with 0 < n < L spikes left V = s/2 + z - s n lies
/// in [0, s), so that n = floor(z/s + 1/2), and n = 0 and n = L clip it. It takes at most L steps a
/// layer.
///
/// An activation without levels (relu) needs a threshold from data: see threshold_balance.hpp.
///
/// Sources: T. Bu et al., ICLR 2022, arXiv:2303.04347 (threshold, start); B. Rueckauer et al. 2017,
/// Front. Neurosci. 11:682 (constant input); C. Li, L. Ma & S. Furber 2022, Front. Neurosci. 16:918793
/// (negative spikes). One-shot input, the bound of L spikes and the start at s/2 are reconstructed from
/// the authors' program, whose paper was not at hand; `signed` with constant input is the rule of
/// Fast-SNN (Y. Hu et al. 2023, IEEE TPAMI 45:14546), with layers in step instead of one after the
/// other.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/parameter.hpp"
#include "core/population.hpp"
#include "networks/stages/activation.hpp"

namespace ranvier {

struct SequentialDescription;

enum class Balance : int { none, percentile };
enum class SpikeSign : int { unsigned_only, both };
enum class InputTiming : int { constant, one_shot };

/// How a trained network is made to spike.
struct Conversion {
  int balance = static_cast<int>(Balance::none);
  double percentile = 99.9;
  std::int64_t samples = 1000;
  int variant = static_cast<int>(SpikeSign::unsigned_only);
  int input = static_cast<int>(InputTiming::constant);

  static std::vector<Field<Conversion>> fields();

  bool balanced() const { return static_cast<Balance>(balance) == Balance::percentile; }
  bool takes_back() const { return static_cast<SpikeSign>(variant) == SpikeSign::both; }
  bool one_shot() const { return static_cast<InputTiming>(input) == InputTiming::one_shot; }
};

/// Neurons that stand for one activation each.
struct ConvertedNeurons {
  std::string model;
  PopulationParameters sending;
  PopulationParameters correcting;  ///< of the other half; unused unless spikes can be taken back
  double amplitude = 1.0;           ///< what a spike counts
};

/// Of an activation of `levels`, those that are 0 having no number of levels, in steps of `step` ms.
/// One-shot input asks for levels.
ConvertedNeurons converted_neurons(const Levels& levels, const Conversion& conversion, double step);

/// Name of the layer of correcting halves beside the layer `name`.
std::string corrections_of(const std::string& name);

/// Checks that samples can be shown once: the encoding is a constant drive, the readout looks at what
/// has added up, and neurons that were trained as such do not leak. Throws Unsupported, naming what
/// does not fit.
void require_one_shot(const SequentialDescription& network);

}  // namespace ranvier
