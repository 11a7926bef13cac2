#pragma once

/// Training a classifier of first spikes by exact gradients, in the event runtime.
///
/// As in networks/trainer.hpp a batch is cut into chunks of a fixed size whose gradients are summed in
/// order, so that the weights are the same to the bit for any number of threads and after any stop.

#include <cstddef>

#include "core/parameter.hpp"
#include "networks/event_learning/event_classifier.hpp"
#include "networks/training_loop.hpp"

namespace ranvier {

/// A neuron that never fires has no gradient, nor has one that fires after all outputs have. One that
/// was silent until then for every sample of a batch has all its incoming weights raised after the
/// update.
///
/// Source: the weight bumping of J. Goeltz et al. 2021, Nat. Mach. Intell. 3:823-835, there by layer
/// and by a share of samples; by neuron and for whole batches here.
struct SilentNeurons {
  double bump = 0.0;

  static std::vector<Field<SilentNeurons>> fields() {
    return {real("bump", &SilentNeurons::bump, "pA", non_negative,
                 "added to the incoming weights of a neuron that no sample of a batch makes fire")};
  }
};

struct EventTrainingDescription {
  TrainingDescription training;  ///< its rate regularisation has no part here
  SilentNeurons silent;
};

/// Trains from `state`, where that holds weights, or from the circuit's initial ones; returns false
/// where a hook stopped it. `state` is up to date either way. In the records an evaluation's rates are
/// spikes per neuron and sample. Throws InvalidValue where the data, the state or the description does
/// not fit the circuit.
bool fit(const EventClassifier& classifier, const Examples& train, const Examples& validation,
         const EventTrainingDescription& description, int threads, TrainingState& state,
         const TrainingHooks& hooks = {});

}  // namespace ranvier
