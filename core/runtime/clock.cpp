/// The `clock` runtime: fixed steps for neurons, event-driven synapses.
///
/// Each thread owns a range of every population, the rows of synapses onto it and the calendar of
/// what will arrive at it. In a step it delivers what is due and updates its neurons, meets the
/// others at a barrier, and enters the spikes of all threads in its calendar. Nobody writes what
/// another owns, and a target's arrivals are summed in an order that does not depend on the
/// partition (docs/engine.md).

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <exception>
#include <functional>

#include <fmt/format.h>
#include <omp.h>

#include "core/barrier.hpp"
#include "core/error.hpp"
#include "core/partition.hpp"
#include "core/rows.hpp"
#include "core/runtime/clock_dynamics.hpp"
#include "core/runtime/delivery.hpp"
#include "core/runtime/footprint.hpp"
#include "core/runtime/polling.hpp"
#include "core/runtime/run_setup.hpp"
#include "core/runtime/runtime.hpp"

namespace ranvier {
namespace {

struct RecordedSpike {
  Step step;
  NeuronId neuron;

  bool operator<(const RecordedSpike& other) const {
    return step != other.step ? step < other.step : neuron < other.neuron;
  }
};

/// What one thread notes about one population.
struct ThreadRecord {
  std::vector<RecordedSpike> spikes;
  std::uint64_t spike_count = 0;
};

struct ClockPopulationData {
  const NeuronModel* model = nullptr;
  std::unique_ptr<ClockDynamics> dynamics;
  PopulationState state;
  std::vector<std::int32_t> refractory;
  std::vector<std::uint8_t> fired;
  std::size_t level = 0;
  std::size_t ports = 0;
  std::size_t reach = 0;                   ///< longest delay of what it sends, in steps
  std::size_t horizon = 0;                 ///< longest delay of what it receives, in steps
  std::vector<std::size_t> instantaneous;  ///< zero-delay projections onto it, ascending
  std::vector<double> arrivals;            ///< [port][neuron] of the present step, else zero
  bool record_spikes = true;
  std::vector<ThreadRecord> records;  ///< per thread
};

struct ClockProjection {
  std::size_t source = 0;
  std::size_t target = 0;
  bool instantaneous = false;
  std::vector<PackedRows> parts;  ///< per thread
};

class ClockRuntime final : public Runtime {
 public:
  ClockRuntime(const Network& network, const SimulationOptions& options,
               const RecordingSpec& recording)
      : network_(network),
        options_(options),
        grid_(options.resolution),
        partition_{std::max(1u, options.threads)},
        stimuli_(make_stimuli(network, options.seed, grid_)),
        recorders_(make_recorders(network, recording)) {
    make_populations(recording);
    make_projections();
    find_delays();
    for (auto& recorder : recorders_) {
      recorder_steps_.push_back(grid_.exact(recorder.interval, "recording interval"));
    }
    reset();
  }

  void reset() override {
    now_ = 0;
    for (std::size_t p = 0; p < populations_.size(); ++p) {
      auto& population = populations_[p];
      population.dynamics->rest(population.state);
      draw_initial_state(network_, p, options_.seed, population.state);
      population.refractory.assign(population.state.size, 0);
      std::ranges::fill(population.arrivals, 0.0);
      population.records.assign(partition_.workers, {});
    }
    workers_.assign(partition_.workers, {});
    for (auto& worker : workers_) {
      for (auto& lists : worker.spikes) lists.resize(populations_.size());
      worker.emitted.resize(populations_.size());
      for (const auto& population : populations_) worker.calendars.emplace_back(population.horizon);
    }
    clear_recordings(recorders_);
  }

  void run_until(double end, const RunControl& control) override {
    const Step last = grid_.exact(end, "the end of the run");
    if (last <= now_) return;
    prepare_recordings(last);
    Session session{.control = control,
                    .watched = static_cast<bool>(control.decide),
                    .first = now_ + 1,
                    .stop = last,
                    .polling = Polling(control),
                    .barrier = Barrier(partition_.workers)};
    // Threads that the machine does not give would leave the barrier waiting for ever.
    omp_set_dynamic(0);
#pragma omp parallel num_threads(static_cast <int>(partition_.workers))
    work(session, static_cast<unsigned>(omp_get_thread_num()));
    now_ = session.stop.load();
    trim_recordings();
    if (session.failure) std::rethrow_exception(session.failure);
    if (session.was_interrupted) {
      throw Interrupted(fmt::format("the run was stopped at {} ms", now()));
    }
  }

  double now() const override { return grid_.ms(now_); }

  std::vector<double> state(std::size_t population, std::size_t variable) const override {
    return populations_[population].state.columns[variable];
  }

  void set_state(std::size_t population, std::size_t variable,
                 std::span<const double> values) override {
    auto& column = populations_[population].state.columns[variable];
    column.assign(values.begin(), values.end());
  }

  void update_parameters(std::size_t population) override {
    auto& data = populations_[population];
    const auto& spec = network_.populations()[population];
    data.dynamics = data.model->make_clock(spec.parameters, spec.size, grid_);
  }

  void update_stimuli() override { stimuli_ = make_stimuli(network_, options_.seed, grid_); }

  SpikeTrain spikes(std::size_t population) const override {
    std::vector<RecordedSpike> all;
    for (const auto& record : populations_[population].records) {
      all.insert(all.end(), record.spikes.begin(), record.spikes.end());
    }
    std::ranges::sort(all, std::less<>{});
    SpikeTrain train;
    for (const auto& spike : all) {
      train.times.push_back(grid_.ms(spike.step));
      train.neurons.push_back(spike.neuron);
    }
    return train;
  }

  std::uint64_t spike_count(std::size_t population) const override {
    std::uint64_t count = 0;
    for (const auto& record : populations_[population].records) count += record.spike_count;
    return count;
  }

  const StateRecording& recording(std::size_t recorder) const override {
    return recorders_[recorder].data;
  }

  RunCounters counters() const override {
    RunCounters sum;
    for (const auto& worker : workers_) {
      sum.spikes += worker.counters.spikes;
      sum.synaptic_events += worker.counters.synaptic_events;
      sum.touches += worker.counters.touches;
    }
    return sum;
  }

  std::uint64_t digest() const override {
    SpikeDigest sum;
    for (const auto& worker : workers_) sum.merge(worker.digest);
    return sum.value();
  }

  std::size_t synapses() const override {
    std::size_t count = 0;
    for (const auto& projection : projections_) {
      for (const auto& part : projection.parts) count += part.size();
    }
    return count;
  }

  std::size_t synapse_bytes() const override {
    std::size_t bytes = 0;
    for (const auto& projection : projections_) {
      for (const auto& part : projection.parts) bytes += part.bytes();
    }
    return bytes;
  }

  void save(Archive& archive) const override {
    archive.put("clock/now", std::vector<std::int64_t>{now_});
    for (std::size_t p = 0; p < populations_.size(); ++p) {
      const auto& data = populations_[p];
      const auto prefix = fmt::format("clock/population{}/", p);
      for (std::size_t v = 0; v < data.state.columns.size(); ++v) {
        archive.put(prefix + data.model->state[v].name, data.state.columns[v]);
      }
      archive.put(prefix + "refractory",
                  std::vector<std::int64_t>(data.refractory.begin(), data.refractory.end()));
      save_emitted(p, prefix, archive);
      std::vector<std::int64_t> steps;
      std::vector<std::uint32_t> neurons;
      for (const auto& record : data.records) {
        for (const auto& spike : record.spikes) {
          steps.push_back(spike.step);
          neurons.push_back(spike.neuron);
        }
      }
      archive.put(prefix + "spike_steps", steps);
      archive.put(prefix + "spike_neurons", neurons);
      archive.put(prefix + "spike_count", std::vector<std::uint64_t>{spike_count(p)});
    }
    save_recordings(recorders_, "clock", archive);
    save_totals(counters(), digest(), "clock", archive);
  }

  void load(const Archive& archive) override {
    reset();
    now_ = archive.get<std::int64_t>("clock/now", 1)[0];
    for (std::size_t p = 0; p < populations_.size(); ++p) load_population(archive, p);
    enter_emitted();
    load_recordings(archive, "clock", recorders_);
    workers_[0].counters = load_totals(archive, "clock", workers_[0].digest);
  }

 private:
  /// What a thread owns beside its part of the network.
  struct Worker {
    /// Spikes of a step by population. Two sets take turns, so that one can be filled while slower
    /// threads still read the other.
    std::array<std::vector<std::vector<NeuronId>>, 2> spikes;
    std::vector<std::deque<RecordedSpike>> emitted;  ///< by population; those still under way
    std::vector<Calendar> calendars;                 ///< by population
    RunCounters counters;
    SpikeDigest digest;
  };

  /// One call of run_until, shared by its threads.
  struct Session {
    const RunControl& control;
    bool watched;
    Step first;
    std::atomic<Step> stop;  ///< last step to run; lowered by thread 0 ahead of a barrier
    Polling polling;
    Barrier barrier;
    std::atomic<bool> failed{false};
    std::exception_ptr failure{};
    bool was_interrupted = false;
  };

  void make_populations(const RecordingSpec& recording) {
    const auto levels = levels_of(network_);
    for (std::size_t p = 0; p < network_.populations().size(); ++p) {
      const auto& spec = network_.populations()[p];
      ClockPopulationData data;
      data.model = &network_.model_of(p);
      data.dynamics = data.model->make_clock(spec.parameters, spec.size, grid_);
      data.state.size = spec.size;
      data.fired.resize(spec.size);
      data.level = levels[p];
      data.ports = data.model->ports.size();
      data.record_spikes = recording.spikes[p];
      levels_ = std::max(levels_, data.level + 1);
      populations_.push_back(std::move(data));
    }
  }

  void make_projections() {
    for (std::size_t index = 0; index < network_.projections().size(); ++index) {
      const auto& spec = network_.projections()[index];
      ClockProjection projection{.source = network_.population_index(spec.source),
                                 .target = network_.population_index(spec.target),
                                 .instantaneous = spec.delay->constant() == 0.0,
                                 .parts = std::vector<PackedRows>(partition_.workers)};
      const auto targets = populations_[projection.target].state.size;
      std::exception_ptr failure;
#pragma omp parallel for num_threads(static_cast <int>(partition_.workers)) schedule(static, 1)
      for (unsigned worker = 0; worker < partition_.workers; ++worker) {
        try {
          projection.parts[worker] = PackedRows(build_grid_rows(
              network_, index, options_.seed, partition_.range(targets, worker), grid_));
        } catch (...) {
#pragma omp critical
          failure = std::current_exception();
        }
      }
      if (failure) std::rethrow_exception(failure);
      if (projection.instantaneous) populations_[projection.target].instantaneous.push_back(index);
      projections_.push_back(std::move(projection));
    }
  }

  void find_delays() {
    for (const auto& projection : projections_) {
      std::size_t longest = 0;
      for (const auto& part : projection.parts) longest = std::max(longest, part.longest_delay());
      auto& reach = populations_[projection.source].reach;
      reach = std::max(reach, longest);
      auto& horizon = populations_[projection.target].horizon;
      horizon = std::max(horizon, longest);
    }
    for (auto& population : populations_) {
      population.arrivals.assign(population.ports * population.state.size, 0.0);
    }
  }

  void work(Session& session, unsigned thread) {
    for (Step step = session.first; step <= session.stop.load(std::memory_order_relaxed); ++step) {
      for (std::size_t level = 0; level < levels_; ++level) {
        guarded(session, [&] { update_level(level, step, thread); });
        // Only thread 0 looks at the world, and its verdict is behind the barrier for all.
        if (thread == 0 && level + 1 == levels_) look_around(session, step);
        session.barrier.wait();
      }
      if (session.watched) let_agent_decide(session, step, thread);
      enter_spikes(step, thread);
      sample(step, thread);
    }
  }

  /// Keeps the first exception of any thread; the run ends at the next look around.
  template <class F>
  void guarded(Session& session, F&& act) {
    try {
      act();
    } catch (...) {
#pragma omp critical
      if (!session.failure) session.failure = std::current_exception();
      session.failed.store(true, std::memory_order_release);
    }
  }

  void update_level(std::size_t level, Step step, unsigned thread) {
    for (std::size_t p = 0; p < populations_.size(); ++p) {
      if (populations_[p].level == level) update(p, step, thread);
    }
  }

  /// One step of one population's range: delayed arrivals, stimuli, zero-delay arrivals, dynamics,
  /// notes.
  void update(std::size_t p, Step step, unsigned thread) {
    auto& population = populations_[p];
    auto& worker = workers_[thread];
    const auto range = partition_.range(population.state.size, thread);
    double* arrived = population.arrivals.data();
    deliver_due(p, step, thread);
    for (const auto& active : stimuli_) {
      if (active.population != p) continue;
      active.stimulus->deliver(step, range, arrived + active.port * population.state.size);
    }
    // Their sources stand on lower levels and have been through this step.
    for (const auto index : population.instantaneous) {
      deliver_at_once(projections_[index], step, thread);
    }
    auto& spikes = worker.spikes[static_cast<std::size_t>(step) & 1][p];
    spikes.clear();
    population.dynamics->step(
        {range, population.state, population.refractory, arrived, population.fired, spikes});
    for (std::size_t port = 0; port < population.ports; ++port) {
      double* row = arrived + port * population.state.size;
      std::fill(row + range.begin, row + range.end, 0.0);
    }
    worker.counters.touches += range.size();
    worker.counters.spikes += spikes.size();
    population.records[thread].spike_count += spikes.size();
    for (const auto neuron : spikes) {
      worker.digest.add(p, static_cast<std::uint64_t>(step), neuron);
      if (population.record_spikes) population.records[thread].spikes.push_back({step, neuron});
    }
    keep_under_way(worker.emitted[p], spikes, step, population.reach);
  }

  /// Notes the spikes of a step and forgets those that have arrived everywhere.
  static void keep_under_way(std::deque<RecordedSpike>& emitted,
                             const std::vector<NeuronId>& spikes, Step step, std::size_t reach) {
    if (reach == 0) return;
    for (const auto neuron : spikes) emitted.push_back({step, neuron});
    while (!emitted.empty() && emitted.front().step + static_cast<Step>(reach) <= step) {
      emitted.pop_front();
    }
  }

  /// Adds to a population's arrivals what its calendar has for this step.
  void deliver_due(std::size_t p, Step step, unsigned thread) {
    constexpr std::size_t ahead = 6;  // pieces; tens of synapses each, or about a memory access
    auto& due = workers_[thread].calendars[p].at(step);
    auto& events = workers_[thread].counters.synaptic_events;
    double* arrivals = populations_[p].arrivals.data();
    for (std::size_t k = 0; k < due.size(); ++k) {
      if (k + ahead < due.size()) {
        const auto& next = due[k + ahead];
        projections_[next.projection].parts[thread].prefetch(next.begin);
      }
      projections_[due[k].projection].parts[thread].deliver(due[k].begin, due[k].count, arrivals);
      events += due[k].count;
    }
    due.clear();
  }

  /// Enters the spikes of all threads, in order of (projection, source), in this thread's calendars.
  void enter_spikes(Step step, unsigned thread) {
    for (std::size_t index = 0; index < projections_.size(); ++index) {
      if (projections_[index].instantaneous) continue;
      for (const auto& worker : workers_) {
        for (const auto source :
             worker.spikes[static_cast<std::size_t>(step) & 1][projections_[index].source]) {
          enter(index, source, step, step, thread);
        }
      }
    }
  }

  /// Enters the pieces of a row that arrive after the step `now`.
  void enter(std::size_t index, NeuronId source, Step emitted, Step now, unsigned thread) {
    const auto& projection = projections_[index];
    auto& calendar = workers_[thread].calendars[projection.target];
    projection.parts[thread].for_segments(
        source, [&](std::size_t delay, std::uint64_t begin, std::uint64_t count) {
          const Step arrival = emitted + static_cast<Step>(delay);
          if (arrival <= now) return;
          calendar.at(arrival).push_back({.begin = begin,
                                          .count = static_cast<std::uint32_t>(count),
                                          .projection = static_cast<std::uint32_t>(index)});
        });
  }

  void deliver_at_once(const ClockProjection& projection, Step step, unsigned thread) {
    const auto& rows = projection.parts[thread];
    double* arrivals = populations_[projection.target].arrivals.data();
    auto& events = workers_[thread].counters.synaptic_events;
    for (const auto& worker : workers_) {
      for (const auto source :
           worker.spikes[static_cast<std::size_t>(step) & 1][projection.source]) {
        rows.for_segments(source,
                          [&](std::size_t /*delay*/, std::uint64_t begin, std::uint64_t count) {
                            rows.deliver(begin, count, arrivals);
                            events += count;
                          });
      }
    }
  }

  /// Spikes of a population that are still under way, in order of (step, neuron).
  std::vector<RecordedSpike> under_way(std::size_t p) const {
    std::vector<RecordedSpike> all;
    for (const auto& worker : workers_) {
      all.insert(all.end(), worker.emitted[p].begin(), worker.emitted[p].end());
    }
    std::ranges::sort(all, std::less<>{});
    return all;
  }

  void save_emitted(std::size_t p, const std::string& prefix, Archive& archive) const {
    std::vector<std::int64_t> steps;
    std::vector<std::uint32_t> neurons;
    for (const auto& spike : under_way(p)) {
      steps.push_back(spike.step);
      neurons.push_back(spike.neuron);
    }
    archive.put(prefix + "under_way_steps", steps);
    archive.put(prefix + "under_way_neurons", neurons);
  }

  /// Fills the calendars from the spikes under way, in the order in which a run would have.
  void enter_emitted() {
    std::vector<std::vector<RecordedSpike>> spikes;
    for (std::size_t p = 0; p < populations_.size(); ++p) spikes.push_back(under_way(p));
    std::vector<std::size_t> next(projections_.size(), 0);
    Step earliest = now_ + 1;
    for (const auto& list : spikes) {
      if (!list.empty()) earliest = std::min(earliest, list.front().step);
    }
    for (Step step = earliest; step <= now_; ++step) {
      for (std::size_t index = 0; index < projections_.size(); ++index) {
        const auto& list = spikes[projections_[index].source];
        for (auto& k = next[index]; k < list.size() && list[k].step == step; ++k) {
          if (projections_[index].instantaneous) continue;
          for (unsigned thread = 0; thread < partition_.workers; ++thread) {
            enter(index, list[k].neuron, step, now_, thread);
          }
        }
      }
    }
  }

  void look_around(Session& session, Step step) {
    guarded(session,
            [&] { session.was_interrupted = session.polling.interrupted(grid_.ms(step)); });
    if (session.was_interrupted || session.failed.load(std::memory_order_acquire)) {
      session.stop.store(step, std::memory_order_relaxed);
    }
  }

  /// Called by every thread once all neurons are up to date; one asks, all learn the answer.
  void let_agent_decide(Session& session, Step step, unsigned thread) {
    if (thread == 0) {
      guarded(session, [&] {
        if (session.control.decide(grid_.ms(step))) {
          session.stop.store(step, std::memory_order_relaxed);
        }
      });
    }
    session.barrier.wait();
  }

  /// Rows for all samples of this run, so that threads can write their neurons side by side.
  void prepare_recordings(Step last) {
    for (std::size_t r = 0; r < recorders_.size(); ++r) {
      auto& data = recorders_[r].data;
      for (Step step = (now_ / recorder_steps_[r] + 1) * recorder_steps_[r]; step <= last;
           step += recorder_steps_[r]) {
        data.times.push_back(grid_.ms(step));
      }
      for (auto& column : data.values) {
        column.resize(data.times.size() * recorders_[r].neurons.size());
      }
    }
  }

  /// Drops the rows of samples that a run which ended early did not take.
  void trim_recordings() {
    for (std::size_t r = 0; r < recorders_.size(); ++r) {
      auto& data = recorders_[r].data;
      const auto taken = static_cast<std::size_t>(now_ / recorder_steps_[r]);
      data.times.resize(std::min(data.times.size(), taken));
      for (auto& column : data.values) {
        column.resize(data.times.size() * recorders_[r].neurons.size());
      }
    }
  }

  void sample(Step step, unsigned thread) {
    for (std::size_t r = 0; r < recorders_.size(); ++r) {
      if (step % recorder_steps_[r] != 0) continue;
      auto& recorder = recorders_[r];
      const auto& state = populations_[recorder.population].state;
      const auto range = partition_.range(state.size, thread);
      const auto row =
          static_cast<std::size_t>(step / recorder_steps_[r] - 1) * recorder.neurons.size();
      for (std::size_t v = 0; v < recorder.variables.size(); ++v) {
        const auto& column = state.columns[recorder.variables[v]];
        for (std::size_t k = 0; k < recorder.neurons.size(); ++k) {
          const auto neuron = recorder.neurons[k];
          if (neuron < range.begin || neuron >= range.end) continue;
          recorder.data.values[v][row + k] = column[neuron];
        }
      }
    }
  }

  void load_population(const Archive& archive, std::size_t p) {
    auto& data = populations_[p];
    const auto n = data.state.size;
    const auto prefix = fmt::format("clock/population{}/", p);
    for (std::size_t v = 0; v < data.state.columns.size(); ++v) {
      data.state.columns[v] = archive.get<double>(prefix + data.model->state[v].name, n);
    }
    const auto& refractory = archive.get<std::int64_t>(prefix + "refractory", n);
    std::ranges::transform(refractory, data.refractory.begin(),
                           [](auto steps) { return static_cast<std::int32_t>(steps); });
    load_emitted(archive, p, prefix);
    const auto& steps = archive.get<std::vector<std::int64_t>>(prefix + "spike_steps");
    const auto& neurons = archive.get<std::uint32_t>(prefix + "spike_neurons", steps.size());
    auto& record = data.records[0];
    for (std::size_t k = 0; k < steps.size(); ++k) record.spikes.push_back({steps[k], neurons[k]});
    record.spike_count = archive.get<std::uint64_t>(prefix + "spike_count", 1)[0];
  }

  /// Throws CorruptFile for a spike that cannot be under way.
  void load_emitted(const Archive& archive, std::size_t p, const std::string& prefix) {
    const auto& data = populations_[p];
    const auto& steps = archive.get<std::vector<std::int64_t>>(prefix + "under_way_steps");
    const auto& neurons = archive.get<std::uint32_t>(prefix + "under_way_neurons", steps.size());
    for (std::size_t k = 0; k < steps.size(); ++k) {
      if (steps[k] > now_ || steps[k] + static_cast<Step>(data.reach) < now_ ||
          neurons[k] >= data.state.size) {
        throw CorruptFile(fmt::format(
            "{}under_way has a spike of neuron {} in step {}; expected a neuron below {} and one "
            "of the {} steps up to {}",
            prefix, neurons[k], steps[k], data.state.size, data.reach, now_));
      }
      workers_[0].emitted[p].push_back({steps[k], neurons[k]});
    }
  }

  const Network& network_;
  SimulationOptions options_;
  TimeGrid grid_;
  Partition partition_;
  std::vector<ActiveStimulus> stimuli_;
  std::vector<ActiveRecorder> recorders_;
  std::vector<Step> recorder_steps_;
  std::vector<ClockPopulationData> populations_;
  std::vector<ClockProjection> projections_;
  std::vector<Worker> workers_;
  std::size_t levels_ = 1;
  Step now_ = 0;
};

}  // namespace

PopulationFootprint clock_footprint(const NeuronModel& model, double neurons) {
  using Data = ClockPopulationData;
  return {.state = neurons * (static_cast<double>(model.state.size()) * sizeof(double) +
                              sizeof(decltype(Data::refractory)::value_type) +
                              sizeof(decltype(Data::fired)::value_type)),
          .arrivals = neurons * static_cast<double>(model.ports.size()) *
                      sizeof(decltype(Data::arrivals)::value_type),
          .per_spike = sizeof(RecordedSpike)};
}

std::unique_ptr<Runtime> make_clock_runtime(const Network& network,
                                            const SimulationOptions& options,
                                            const RecordingSpec& recording) {
  return std::make_unique<ClockRuntime>(network, options, recording);
}

}  // namespace ranvier
