#pragma once

/// The `clock` runtime: fixed steps for neurons, event-driven synapses.
///
/// Each thread owns a range of every population, the rows of synapses onto it, the sums of what
/// arrives there and the calendar of what will arrive. It runs as many steps on its own as the
/// shortest delay allows, then meets the others at a barrier and enters the spikes of all in its
/// calendar. Nobody writes what another owns, and a target's arrivals are summed in an order that
/// does not depend on the partition (docs/engine.md).

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/barrier.hpp"
#include "core/bundle.hpp"
#include "core/large_array.hpp"
#include "core/partition.hpp"
#include "core/runtime/calendar.hpp"
#include "core/runtime/cell_layout.hpp"
#include "core/runtime/clock_dynamics.hpp"
#include "core/runtime/packed_rows.hpp"
#include "core/runtime/plastic_dynamics.hpp"
#include "core/runtime/polling.hpp"
#include "core/runtime/run_setup.hpp"
#include "core/runtime/runtime.hpp"
#include "core/runtime/team_choice.hpp"

namespace ranvier {

struct RecordedSpike {
  Step step;
  NeuronId neuron;

  bool operator<(const RecordedSpike& other) const {
    return step != other.step ? step < other.step : neuron < other.neuron;
  }
};

template <class Real>
struct ClockPopulationData {
  const NeuronModel* model = nullptr;
  std::unique_ptr<ClockDynamics<Real>> dynamics;
  PopulationState<Real> state;
  std::vector<std::int32_t> refractory;
  std::size_t level = 0;
  std::vector<bool> open;                  ///< by port: whether anything can arrive there
  std::size_t reach = 0;                   ///< longest delay of what it sends, in steps
  std::vector<std::size_t> instantaneous;  ///< bundles without delay onto it, ascending
  std::vector<std::size_t> plastic;        ///< plastic bundles onto it, ascending
  bool record_spikes = true;
};

/// The workers that a thread serves.
struct Crew {
  unsigned first, end;
  bool is_all;  ///< nobody else is to be waited for
};

/// Devices serve, and neurons step, so many at a time.
inline constexpr NeuronId stimulus_block = 256;

/// Steps that a thread runs between two meetings with the others.
struct Interval {
  Step first;
  Step last;
  /// Two sets of spike lists take turns, so that one can be filled while slower threads still read
  /// the other.
  std::size_t set;

  std::size_t slot(Step step) const { return static_cast<std::size_t>(step - first); }
};

/// What belongs to a range of every population beside the states of its neurons: a thread's share.
template <class Real>
struct ClockWorker {
  ClockWorker(const Network& network, const Partition& partition, unsigned worker)
      : layout(network, partition, worker), arrivals(layout.size(), Real(0)) {}

  CellLayout layout;
  std::vector<PackedRows> rows;                                 ///< by bundle
  std::vector<std::unique_ptr<PlasticDynamics<Real>>> plastic;  ///< by bundle; null where static
  /// By bundle: spikes that may still be under way to plastic synapses, for checkpoints.
  std::vector<std::deque<std::pair<NeuronId, PreSpike>>> plastic_under_way;
  LargeArray<Real> arrivals;  ///< of the present step, else zero
  /// What arrives at a closed port: zeros that stay in the first-level cache.
  std::array<Real, stimulus_block> nothing{};
  std::vector<Real*> arrived;  ///< scratch: by port, at the first neuron of a range
  Calendar calendar;
  std::array<std::vector<std::vector<std::vector<NeuronId>>>, 2>
      spikes;                                      ///< [set][slot][population]
  std::vector<std::deque<RecordedSpike>> emitted;  ///< by population; those still under way
  std::vector<std::vector<RecordedSpike>> record;  ///< by population
  std::vector<std::uint64_t> spike_count;          ///< by population
  RunCounters counters;
  SpikeDigest digest;
};

/// `Real`: float or double, of states and sums.
template <class Real>
class ClockRuntime final : public Runtime {
 public:
  ClockRuntime(const Network& network, const SimulationOptions& options,
               const RecordingSpec& recording);

  void reset() override;
  void run_until(double end, const RunControl& control) override;
  double now() const override { return grid_.ms(now_); }

  std::vector<double> state(std::size_t population, std::size_t variable) const override;
  void set_state(std::size_t population, std::size_t variable,
                 std::span<const double> values) override;
  void update_parameters(std::size_t population) override;
  void update_stimuli() override;

  SpikeTrain spikes(std::size_t population) const override;
  std::uint64_t spike_count(std::size_t population) const override;
  const StateRecording& recording(std::size_t recorder) const override;
  RunCounters counters() const override;
  std::uint64_t digest() const override;
  std::size_t synapses() const override;
  std::size_t synapse_bytes() const override;

  SynapseTable plastic_weights(std::size_t projection) const override;
  void set_plastic_weights(std::size_t projection, std::span<const double> values) override;

  void save(Archive& archive) const override;
  void load(const Archive& archive) override;

 private:
  static constexpr Step never_handed_over = std::numeric_limits<Step>::max();

  /// One call of run_until, shared by its threads.
  struct Session {
    const RunControl& control;
    bool watched;
    Step first;
    std::atomic<Step> stop;  ///< last step to run; lowered by thread 0 ahead of a barrier
    Step interval;           ///< most steps between two barriers
    Polling polling;
    Barrier barrier;
    std::atomic<bool> failed{false};
    std::exception_ptr failure{};
    bool was_interrupted = false;
    bool starts_alone;
    /// Step after which the team changes; told by thread 0 ahead of that step's barrier.
    std::atomic<Step> handover{never_handed_over};
    Step resumed = 0;  ///< where all go on after one thread has served them
    /// Of thread 0: when the team's choice was told last what steps take, and how many there were.
    std::chrono::steady_clock::time_point noted = std::chrono::steady_clock::now();
    Step unnoted = 0;
  };

  // Making (clock_runtime.cpp).
  void make_populations(const RecordingSpec& recording);
  void make_workers();
  void make_plastic(ClockWorker<Real>& worker) const;
  void redraw_plastic();
  void find_delays();
  std::size_t longest_delay() const;
  void find_open_ports();

  // Running (clock_step.hpp).
  void work(Session& session, unsigned thread);
  template <class F>
  void guarded(Session& session, F&& act);
  Step run_stretch(Session& session, Step first, const Crew& crew);
  static void meet(Session& session, const Crew& crew);
  void choose_team(Session& session, const Interval& interval);
  void run_interval(Session& session, const Interval& interval, const Crew& crew);
  void run_level(std::size_t level, const Interval& interval, Step step, unsigned worker);
  void update(std::size_t p, const Interval& interval, Step step, ClockWorker<Real>& worker);
  static NeuronRange block_at(NeuronId first, NeuronRange range);
  void stimulate(std::size_t p, NeuronRange part, Step step, ClockWorker<Real>& worker) const;
  void note_spikes(std::size_t p, const std::vector<NeuronId>& spikes, Step step,
                   ClockWorker<Real>& worker) const;
  void deliver_due(Step step, ClockWorker<Real>& worker) const;
  void deliver_at_once(std::size_t bundle, const Interval& interval, Step step,
                       ClockWorker<Real>& worker) const;
  void enter_spikes(const Interval& interval, ClockWorker<Real>& worker) const;
  void enter(std::size_t bundle, NeuronId source, Step emitted, Step now,
             ClockWorker<Real>& worker) const;

  // Plastic projections (clock_plasticity.hpp).
  void find_settling_interval();
  void settle(Step step, ClockWorker<Real>& worker) const;
  void settle(std::size_t bundle, Step step, const ClockWorker<Real>& worker, Real* weights) const;
  std::vector<std::pair<std::uint64_t, PreSpike>> not_yet_arrived(
      std::size_t bundle, Step step, const ClockWorker<Real>& worker) const;
  std::size_t plastic_bundle(std::size_t projection) const;
  std::size_t target_of(std::size_t bundle) const;
  std::size_t size_of(std::size_t bundle) const;
  void save_plastic(Archive& archive) const;
  void save_sources(std::size_t bundle, const std::string& prefix, Archive& archive) const;
  void save_histories(std::size_t bundle, const std::string& prefix, Archive& archive) const;
  void load_plastic(const Archive& archive);
  void load_sources(const Archive& archive, std::size_t bundle, const std::string& prefix);
  void load_histories(const Archive& archive, std::size_t bundle, const std::string& prefix);

  void look_around(Session& session, Step step);
  void let_agent_decide(Session& session, Step step, const Crew& crew);
  void prepare_recordings(Step last);
  void trim_recordings();
  void sample(Step step, unsigned worker);

  // Checkpoints (clock_checkpoint.hpp).
  std::vector<RecordedSpike> under_way(std::size_t p) const;
  void save_emitted(std::size_t p, const std::string& prefix, Archive& archive) const;
  void load_population(const Archive& archive, std::size_t p);
  void load_emitted(const Archive& archive, std::size_t p, const std::string& prefix);
  void enter_emitted();

  const Network& network_;
  SimulationOptions options_;
  TimeGrid grid_;
  Partition partition_;
  std::vector<ActiveStimulus> stimuli_;
  std::vector<ActiveRecorder> recorders_;
  std::vector<Step> recorder_steps_;
  std::vector<Bundle> bundles_;
  std::vector<ClockPopulationData<Real>> populations_;
  std::vector<ClockWorker<Real>> workers_;
  std::size_t levels_ = 1;
  Step exchange_ = 1;  ///< steps after which spikes must be known to all
  Step settling_ = 0;  ///< steps between two settlings of all plastic weights; 0: there are none
  Step now_ = 0;
  TeamChoice team_;
  bool weights_moved_ = false;  ///< plastic ones are no longer as they were drawn
};

}  // namespace ranvier
