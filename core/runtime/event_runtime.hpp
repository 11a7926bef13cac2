#pragma once

/// The `event` runtime: nothing moves until an event touches it.
///
/// Events that share a time and a level are one batch: all that arrives at a neuron in it is summed
/// in the order of core/bundle.hpp, the neuron is touched once, and if it fires its rows enter the
/// queue. A network runs on one thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/event_queue.hpp"
#include "core/large_array.hpp"
#include "core/network.hpp"
#include "core/runtime/event_batch.hpp"
#include "core/runtime/event_dynamics.hpp"
#include "core/runtime/event_rows.hpp"
#include "core/runtime/neuron_lists.hpp"
#include "core/runtime/run_setup.hpp"
#include "core/runtime/runtime.hpp"
#include "core/runtime/touched_set.hpp"
#include "core/time_grid.hpp"

namespace ranvier {

struct EventPopulationData {
  const NeuronModel* model = nullptr;
  std::unique_ptr<EventDynamics> dynamics;
  std::size_t size = 0;
  std::uint32_t level = 0;
  std::vector<std::size_t> open;  ///< ports at which anything can arrive
  bool unpredicted = false;       ///< neurons were set, now, and not predicted since

  // Of the present batch.
  LargeArray<double> arrived;  ///< [port][neuron]
  TouchedSet touched;

  bool record_spikes = true;
  std::vector<double> spike_ticks;
  std::vector<NeuronId> spike_neurons;
  std::uint64_t spike_count = 0;
};

struct EventProjection {
  std::size_t target = 0;
  EventRows rows;
};

/// The projections of one bundle that lead to one population.
struct EventTract {
  std::size_t target;
  std::vector<std::uint32_t> projections;  ///< ascending
  std::optional<double> delay;             ///< ticks; of all synapses, where it is one
};

class EventRuntime final : public Runtime {
 public:
  EventRuntime(const Network& network, const SimulationOptions& options,
               const RecordingSpec& recording);

  void reset() override;
  void run_until(double end, const RunControl& control) override;
  double now() const override { return time_.ms(now_); }

  std::vector<double> state(std::size_t population, std::size_t variable) const override;
  void set_state(std::size_t population, std::size_t variable,
                 std::span<const double> values) override;
  void update_parameters(std::size_t population) override;
  void update_stimuli() override;

  SpikeTrain spikes(std::size_t population) const override;
  std::uint64_t spike_count(std::size_t population) const override {
    return populations_[population].spike_count;
  }
  const StateRecording& recording(std::size_t recorder) const override {
    return recorders_[recorder].data;
  }
  RunCounters counters() const override { return counters_; }
  std::uint64_t digest() const override { return digest_.value(); }
  std::size_t synapses() const override;
  std::size_t synapse_bytes() const override;

  /// Events that wait in the queue: at most one for each row under way, one for each target of
  /// a device, and at most two predictions a neuron on average over the network.
  std::size_t pending() const { return queue_.size(); }

  void save(Archive& archive) const override;
  void load(const Archive& archive) override;

 private:
  void make_populations(const RecordingSpec& recording);
  void make_projections();
  void make_tracts();
  EventRows rows_in_ticks(std::size_t index, NeuronRange targets) const;
  void find_open_ports();
  void assign(std::size_t population, const EventColumns& columns);
  void start_over(std::size_t population);
  void schedule_all();

  bool process_batch(std::optional<std::size_t> watched);
  bool batch_is_last_of(std::size_t population) const;
  void prefetch(const Event& event) const;
  void take(const Event& event);
  void take_firings(const Event& event);
  void mark_due(std::size_t population, std::span<const NeuronId> neurons);
  void take_row(const Event& event);
  void take_volley(const Event& event);
  void take_stimulus(const Event& event);
  void note_touched(std::size_t population);
  void touch_marked(std::size_t population);
  std::uint64_t deliver(std::uint32_t projection, NeuronId source, std::uint64_t begin);
  void deliver_runs_of(std::uint32_t projection, std::span<const NeuronId> sources);
  void emit(std::size_t population);
  void send_rows(const EventTract& tract);
  void send_volley(const EventTract& tract);
  void send(std::uint32_t projection, NeuronId source, double emitted, std::uint64_t cursor);

  void predict(std::size_t population);
  void push_predictions(std::size_t population);
  void push_prediction(std::size_t population, const Prediction& prediction);
  void push_by_tick(std::size_t population);
  void drop_outdated_predictions();
  void count_predictions();

  void schedule_first(std::size_t stimulus);
  void schedule_next(std::uint32_t stimulus, NeuronId target, const Arrival& previous);
  Arrival next_on_grid(const Stimulus& stimulus, NeuronId target, const Arrival& previous) const;

  void sample_before(double time);

  void save_population(std::size_t population, Archive& archive) const;
  void load_population(std::size_t population, const Archive& archive);
  template <class Use>
  void for_singles(const Event& event, const Use& use) const;
  void save_queue(Archive& archive) const;
  void load_queue(const Archive& archive);

  const Network& network_;
  SimulationOptions options_;
  TimeGrid grid_;
  EventTime time_;
  std::vector<ActiveStimulus> stimuli_;
  std::vector<ActiveRecorder> recorders_;
  std::vector<EventPopulationData> populations_;
  std::vector<EventProjection> projections_;
  std::vector<std::uint32_t> bundle_of_;  ///< of each projection
  std::vector<EventTract> tracts_;
  std::vector<std::size_t> tract_of_;               ///< of each projection
  std::vector<std::vector<std::size_t>> outgoing_;  ///< tracts by source population
  EventQueue<Event> queue_;
  NeuronLists lists_;  ///< of the queue

  // Scratch of a batch.
  std::vector<Event> batch_;
  std::vector<std::size_t> touched_populations_;
  std::vector<NeuronId> touched_, fired_;
  Predictions changed_;

  RunCounters counters_;
  SpikeDigest digest_;
  std::size_t predictions_ = 0;       ///< in the queue, outdated ones among them
  std::size_t most_predictions_ = 0;  ///< at which the outdated ones are dropped
  double now_ = 0.0;                  ///< ticks: time of the last batch
  double end_ = 0.0;                  ///< ticks: how far the run has come
};

}  // namespace ranvier
