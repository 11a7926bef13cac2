#pragma once

/// A trained network answering: its deployed circuit is shown samples one by one in the `clock` or
/// the `event` runtime, to the end of the window or until an agent is sure.
///
/// Samples are shared out among threads, each with a circuit of its own, and an answer does not
/// depend on the thread that gave it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/recording.hpp"
#include "networks/agent/exit_rule.hpp"
#include "networks/agent/record/trace.hpp"
#include "networks/deployment.hpp"
#include "networks/examples.hpp"
#include "networks/sequential.hpp"
#include "networks/trained_network.hpp"
#include "networks/trainer.hpp"

namespace ranvier {

/// When the agent is asked.
enum class DecideAt {
  steps,  ///< after every step
  events  ///< after every output event; `event` runtime only
};

struct InferenceOptions {
  std::string runtime = "event";
  /// Spikes fall on the steps the network was trained with; otherwise the `event` runtime lets them
  /// fall anywhere, which is another network as far as answers go.
  bool on_grid = true;
  DecideAt decide = DecideAt::steps;
  unsigned threads = 1;
  std::uint64_t seed = 1;  ///< of encodings that draw random numbers
};

struct Answer {
  std::size_t prediction = 0;
  double latency = 0.0;               ///< steps until the answer
  double score = 0.0;                 ///< the exit rule's at that moment
  std::optional<double> probability;  ///< of being right, where the rule was fitted
  std::uint64_t synaptic_events = 0;
  std::uint64_t spikes = 0;
};

/// Called now and then with the number of samples answered; true asks to stop (throws Interrupted).
using InferenceProgress = std::function<bool(std::size_t)>;

/// Runs every sample to the end of the window and keeps the scores after each step.
agent::Trace record_trace(const TrainedNetwork& network, const Examples& examples,
                          const InferenceOptions& options, const InferenceProgress& progress = {});

/// Runs every sample to the end of the window and keeps the scores at each output event. Throws
/// Unsupported unless the runtime is `event` and the readout looks at the present output only.
agent::EventTrace record_event_trace(const TrainedNetwork& network, const Examples& examples,
                                     const InferenceOptions& options,
                                     const InferenceProgress& progress = {});

/// Lets the rule stop each sample as soon as it is sure; nothing that would have happened after that
/// is simulated. Throws InvalidValue where the rule has not been fitted.
std::vector<Answer> answer(const TrainedNetwork& network, const Examples& examples,
                           const agent::ExitRule& rule, const InferenceOptions& options,
                           const InferenceProgress& progress = {});

/// What one sample did, to be drawn.
struct SampleActivity {
  std::vector<SpikeTrain> spikes;           ///< per layer
  std::vector<std::vector<double>> scores;  ///< per step
};

SampleActivity observe(const TrainedNetwork& network, const Examples& examples, std::size_t i,
                       const InferenceOptions& options);

/// The same for values [D] alone; `index` matters to encodings that draw random numbers.
SampleActivity observe(const TrainedNetwork& network, std::span<const float> sample,
                       std::uint32_t index, const InferenceOptions& options);

}  // namespace ranvier
