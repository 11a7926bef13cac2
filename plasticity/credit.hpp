#pragma once

/// Temporal credit: which paths from the loss back to the weights a learning rule follows.
///
///     bptt     all of them: backpropagation through time
///     ottt     within a step only; what earlier input did is kept in a trace of the presynaptic
///              activity, a[t] = leak a[t-1] + x[t], and the weights change by error[t] x a[t]
///     e_prop   all but those through recurrent synapses: what is left is a sum over time of a learning
///              signal times an eligibility trace that each synapse could keep for itself
///     dsr      none of single steps: a population is differentiated as the map of its weighted mean
///              input to its weighted mean output (networks/stages/spike_representation.hpp)
///
/// In ottt the input has a trace as well, and a bias none: it learns from the errors alone.
///
/// The traces of e_prop are not stored: summed backwards in time the same products need one number a
/// neuron instead of one a synapse. For one layer without recurrent synapses, its reset detached, all
/// three give its weights the same gradient.

#include <string>

#include "core/registry.hpp"
#include "core/runtime/gradient.hpp"

namespace ranvier {

struct CreditRule {
  std::string name;
  std::string summary;
  std::string source;
  bool through_time = true;
  bool through_recurrence = true;
  bool presynaptic_trace = false;
  bool by_rates = false;

  Credit paths(bool through_reset) const {
    return {.through_reset = through_reset,
            .through_time = through_time,
            .through_recurrence = through_recurrence};
  }
};

/// bptt, ottt, e_prop, dsr.
Registry<CreditRule>& credit_rules();

}  // namespace ranvier
