#pragma once

/// A trained network answering: its deployed circuit is shown samples one by one in the `clock` or
/// the `event` runtime, to the end of the window or until an agent is sure.
///
/// Circuits are kept from call to call. Samples are shared out among threads, each with a circuit of
/// its own; an answer depends neither on the thread that gave it nor on what was shown before.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/recording.hpp"
#include "networks/agent/exit_rule.hpp"
#include "networks/agent/record/trace.hpp"
#include "networks/deployment.hpp"
#include "networks/examples.hpp"
#include "networks/neuron_order.hpp"
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

  bool operator==(const Answer&) const = default;
};

/// Called now and then with the number of samples answered; true asks to stop (throws Interrupted).
using InferenceProgress = std::function<bool(std::size_t)>;

/// What one sample did, to be drawn.
struct SampleActivity {
  std::vector<SpikeTrain> spikes;           ///< per layer
  std::vector<std::vector<double>> scores;  ///< per step
};

class Presenter;

/// A network ready to be asked. Building a circuit takes as long as some hundred samples: the first
/// is built here, and one more for each thread when it is first needed. Calls from several threads
/// at once each have circuits of their own. After an exception the object can be used as before.
class Inference {
 public:
  /// Throws as `require_deployable`, `deployed` and Simulation do.
  explicit Inference(TrainedNetwork network, InferenceOptions options = {});
  ~Inference();
  Inference(const Inference&) = delete;
  Inference& operator=(const Inference&) = delete;

  /// Its neurons are in the order of networks/neuron_order.hpp.
  const TrainedNetwork& network() const noexcept { return network_; }
  const InferenceOptions& options() const noexcept { return options_; }

  /// Runs every sample to the end of the window and keeps the scores after each step. Throws
  /// InvalidValue, as all below, for samples that the network cannot be shown.
  agent::Trace record_trace(const Examples& examples, const InferenceProgress& progress = {});

  /// Runs every sample to the end of the window and keeps the scores at each output event. Throws
  /// Unsupported unless the runtime is `event` and the readout looks at the present output only.
  agent::EventTrace record_event_trace(const Examples& examples,
                                       const InferenceProgress& progress = {});

  /// Lets the rule stop each sample as soon as it is sure; nothing that would have happened after
  /// that is simulated. Throws InvalidValue where the rule has not been fitted, and for decisions at
  /// events Unsupported as above.
  std::vector<Answer> answer(const Examples& examples, const agent::ExitRule& rule,
                             DecideAt at = DecideAt::steps, const InferenceProgress& progress = {});

  SampleActivity observe(const Examples& examples, std::size_t i);

  /// The same for values [D] alone; `index` matters to encodings that draw random numbers.
  SampleActivity observe(std::span<const float> sample, std::uint32_t index);

 private:
  template <class Own, class Act>
  void for_each_sample(const Examples& examples, const InferenceProgress& progress,
                       const Own& prototype, const Act& act);
  void require_present_readout() const;
  SpikeTrain as_trained(SpikeTrain train, std::size_t layer) const;
  template <class Show>
  SampleActivity observed(const Show& show);

  /// An idle circuit, or a new one. One that is not kept, because its sample failed, is gone.
  std::unique_ptr<Presenter> taken();
  void keep(std::unique_ptr<Presenter> presenter);

  TrainedNetwork network_;  ///< presenters refer to it
  const NeuronOrder order_;
  const InferenceOptions options_;
  std::mutex idle_guard_;
  std::vector<std::unique_ptr<Presenter>> idle_;
};

}  // namespace ranvier
