/// The `event` runtime: nothing moves until an event touches it.
///
/// Events that share a time and a level are one batch: all that arrives at a neuron in it is summed
/// in the order of core/bundle.hpp (emission time, bundle, source, projection; stimuli; zero-delay
/// arrivals), the neuron is touched once, and if it fires its rows enter the queue.

#include <algorithm>
#include <bit>
#include <cmath>
#include <compare>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "core/bundle.hpp"
#include "core/error.hpp"
#include "core/event_queue.hpp"
#include "core/rows.hpp"
#include "core/runtime/event_dynamics.hpp"
#include "core/runtime/footprint.hpp"
#include "core/runtime/polling.hpp"
#include "core/runtime/run_setup.hpp"
#include "core/runtime/runtime.hpp"

namespace ranvier {
namespace {

enum class EventKind : std::uint32_t { row, stimulus, firing };

/// Why a neuron is touched in a batch.
enum Mark : std::uint8_t { unmarked, arrival, crossing };

/// A row on its way to its targets, the next arrival from a stimulus, or a predicted spike.
struct Event {
  double time;  ///< ticks
  std::uint32_t level;
  EventKind kind;
  std::uint32_t owner;   ///< projection, stimulus or population
  NeuronId neuron;       ///< source, target or neuron
  double emitted;        ///< row: when the source fired; stimulus: amount
  std::uint64_t cursor;  ///< row: next synapse; stimulus: ordinal; firing: version
};

/// The neuron of a cell; the ports of a target are few, so that counting down beats dividing.
NeuronId neuron_of(std::uint32_t cell, std::size_t targets) {
  while (cell >= targets) cell -= static_cast<std::uint32_t>(targets);
  return cell;
}

/// The order in which a batch is summed.
struct SummingOrder {
  const std::vector<std::uint32_t>& bundle;  ///< of each projection

  auto key(const Event& e) const {
    // A stimulus counts as emitted now, ahead of every zero-delay row.
    const bool row = e.kind == EventKind::row;
    return std::tuple(row ? e.emitted : e.time, row ? 1 + bundle[e.owner] : 0, e.neuron, e.owner);
  }
  bool operator()(const Event& a, const Event& b) const { return key(a) < key(b); }
};

struct EventPopulationData {
  const NeuronModel* model = nullptr;
  std::unique_ptr<EventDynamics> dynamics;
  EventPopulationState state;
  std::vector<std::uint64_t> version;  ///< of each neuron's valid prediction
  std::uint32_t level = 0;
  std::size_t ports = 0;

  // Scratch of a batch.
  std::vector<double> arrived;       ///< [port][neuron]
  std::vector<std::uint8_t> marked;  ///< whether a neuron is in `touched`, and why
  std::vector<NeuronId> touched;
  std::vector<double> sums;  ///< [port]

  bool record_spikes = true;
  std::vector<double> spike_ticks;
  std::vector<NeuronId> spike_neurons;
  std::uint64_t spike_count = 0;
};

struct EventProjection {
  std::size_t source = 0;
  std::size_t target = 0;
  ExactRows rows;  ///< delays in ticks
};

class EventRuntime final : public Runtime {
 public:
  EventRuntime(const Network& network, const SimulationOptions& options,
               const RecordingSpec& recording)
      : network_(network),
        options_(options),
        grid_(options.resolution),
        time_{.tick = options.on_grid ? options.resolution : 1.0, .on_grid = options.on_grid},
        stimuli_(make_stimuli(network, options.seed, grid_, std::numeric_limits<double>::digits)),
        recorders_(make_recorders(network, recording)) {
    if (time_.on_grid) {
      for (const auto& recorder : recorders_) grid_.exact(recorder.interval, "recording interval");
    }
    make_populations(recording);
    make_projections();
    reset();
  }

  void reset() override {
    now_ = 0.0;
    end_ = 0.0;
    queue_.clear();
    count_predictions();
    counters_ = {};
    digest_ = {};
    for (std::size_t p = 0; p < populations_.size(); ++p) {
      auto& data = populations_[p];
      data.dynamics->rest(data.state);
      draw_initial_state(network_, p, options_.seed, data.state);
      data.version.assign(data.state.size, 0);
      data.spike_ticks.clear();
      data.spike_neurons.clear();
      data.spike_count = 0;
      for (NeuronId i = 0; i < data.state.size; ++i) predict(p, i);
    }
    for (std::size_t k = 0; k < stimuli_.size(); ++k) schedule_first(k);
    clear_recordings(recorders_);
  }

  void run_until(double end, const RunControl& control) override {
    const double last = time_.on_grid ? static_cast<double>(grid_.exact(end, "the end of the run"))
                                      : time_.ticks(end);
    if (last <= end_) return;
    const auto watched =
        control.decide ? std::optional(network_.population_index(control.watched)) : std::nullopt;
    Polling polling(control);
    while (!queue_.empty() && queue_.top().time <= last) {
      sample_before(queue_.top().time);
      const bool watched_was_touched = process_batch(watched);
      if (watched_was_touched && batch_is_last_of(*watched) && control.decide(now())) {
        end_ = now_;
        return;
      }
      if (polling.interrupted(now())) {
        end_ = now_;
        throw Interrupted(fmt::format("the run was stopped at {} ms", now()));
      }
    }
    sample_before(std::nextafter(last, never));
    now_ = last;
    end_ = last;
  }

  double now() const override { return time_.ms(now_); }

  std::vector<double> state(std::size_t population, std::size_t variable) const override {
    const auto& data = populations_[population];
    std::vector<double> values(data.state.size);
    std::vector<double> variables(data.state.columns.size());
    for (NeuronId i = 0; i < data.state.size; ++i) {
      data.dynamics->peek(data.state, i, now_, variables.data());
      values[i] = variables[variable];
    }
    return values;
  }

  void set_state(std::size_t population, std::size_t variable,
                 std::span<const double> values) override {
    auto& data = populations_[population];
    for (NeuronId i = 0; i < data.state.size; ++i) {
      bring_up_to_date(data, i);
      data.state.columns[variable][i] = values[i];
      predict(population, i);
    }
  }

  void update_parameters(std::size_t population) override {
    auto& data = populations_[population];
    const auto& spec = network_.populations()[population];
    for (NeuronId i = 0; i < data.state.size; ++i) bring_up_to_date(data, i);
    data.dynamics = data.model->make_event(spec.parameters, spec.size, time_);
    for (NeuronId i = 0; i < data.state.size; ++i) predict(population, i);
  }

  void update_stimuli() override {
    stimuli_ = make_stimuli(network_, options_.seed, grid_, std::numeric_limits<double>::digits);
  }

  SpikeTrain spikes(std::size_t population) const override {
    const auto& data = populations_[population];
    SpikeTrain train;
    train.neurons = data.spike_neurons;
    for (const double tick : data.spike_ticks) train.times.push_back(time_.ms(tick));
    return train;
  }

  std::uint64_t spike_count(std::size_t population) const override {
    return populations_[population].spike_count;
  }

  const StateRecording& recording(std::size_t recorder) const override {
    return recorders_[recorder].data;
  }

  RunCounters counters() const override { return counters_; }
  std::uint64_t digest() const override { return digest_.value(); }

  std::size_t synapses() const override {
    std::size_t count = 0;
    for (const auto& projection : projections_) count += projection.rows.size();
    return count;
  }

  std::size_t synapse_bytes() const override {
    std::size_t bytes = 0;
    for (const auto& projection : projections_) bytes += projection.rows.bytes();
    return bytes;
  }

  void save(Archive& archive) const override;
  void load(const Archive& archive) override;

 private:
  void make_populations(const RecordingSpec& recording) {
    const auto levels = levels_of(network_);
    for (std::size_t p = 0; p < network_.populations().size(); ++p) {
      const auto& spec = network_.populations()[p];
      EventPopulationData data;
      data.model = &network_.model_of(p);
      if (!data.model->make_event) {
        throw Unsupported(
            fmt::format("model {} of population '{}' has no threshold crossing to look ahead to "
                        "and runs in the "
                        "clock runtime only",
                        data.model->name, spec.name));
      }
      data.dynamics = data.model->make_event(spec.parameters, spec.size, time_);
      data.state.size = spec.size;
      data.level = static_cast<std::uint32_t>(levels[p]);
      data.ports = data.model->ports.size();
      data.arrived.assign(data.ports * spec.size, 0.0);
      data.marked.assign(spec.size, 0);
      data.sums.resize(data.ports);
      data.record_spikes = recording.spikes[p];
      populations_.push_back(std::move(data));
    }
  }

  void make_projections() {
    outgoing_.resize(populations_.size());
    bundle_of_.resize(network_.projections().size());
    std::uint32_t number = 0;
    for (const auto& bundle : bundles_of(network_)) {
      for (const auto projection : bundle.projections) bundle_of_[projection] = number;
      ++number;
    }
    for (std::size_t index = 0; index < network_.projections().size(); ++index) {
      const auto& spec = network_.projections()[index];
      EventProjection projection;
      projection.source = network_.population_index(spec.source);
      projection.target = network_.population_index(spec.target);
      const NeuronRange all{0, static_cast<NeuronId>(populations_[projection.target].state.size)};
      projection.rows = rows_in_ticks(index, all);
      outgoing_[projection.source].push_back(static_cast<std::uint32_t>(index));
      projections_.push_back(std::move(projection));
    }
  }

  /// Rows with delays in ticks: whole steps on the grid, milliseconds off it.
  ExactRows rows_in_ticks(std::size_t index, NeuronRange targets) const {
    if (!time_.on_grid) return build_exact_rows(network_, index, options_.seed, targets);
    auto grid_rows = build_grid_rows(network_, index, options_.seed, targets, grid_);
    return {.targets = targets,
            .start = std::move(grid_rows.start),
            .cell = std::move(grid_rows.cell),
            .weight = std::move(grid_rows.weight),
            .delay = {grid_rows.delay.begin(), grid_rows.delay.end()},
            .common_delay = static_cast<double>(grid_rows.common_delay)};
  }

  /// Processes all events of the earliest (time, level); says whether `watched` was touched.
  bool process_batch(std::optional<std::size_t> watched) {
    const double time = queue_.top().time;
    const auto level = queue_.top().level;
    now_ = time;
    batch_.clear();
    while (!queue_.empty() && queue_.top().time == time && queue_.top().level == level) {
      batch_.push_back(queue_.pop());
    }
    if (batch_.size() > 1) std::ranges::sort(batch_, SummingOrder{bundle_of_});
    for (const auto& event : batch_) take(event);

    std::ranges::sort(touched_populations_);
    bool watched_was_touched = false;
    for (const auto p : touched_populations_) {
      touch_marked(p);
      watched_was_touched |= watched == p;
    }
    touched_populations_.clear();
    return watched_was_touched;
  }

  /// Whether nothing else can touch the population at the present time.
  bool batch_is_last_of(std::size_t population) const {
    return queue_.empty() || queue_.top().time > now_ ||
           queue_.top().level > populations_[population].level;
  }

  void take(const Event& event) {
    switch (event.kind) {
      case EventKind::row: take_row(event); break;
      case EventKind::stimulus: take_stimulus(event); break;
      case EventKind::firing:
        --predictions_;
        if (!is_outdated(event)) {
          mark(event.owner, event.neuron);
          populations_[event.owner].marked[event.neuron] = crossing;
        }
        break;
    }
  }

  /// Delivers the synapses of a row that are due now and sends the rest on.
  void take_row(const Event& event) {
    const auto& projection = projections_[event.owner];
    const auto& rows = projection.rows;
    auto& target = populations_[projection.target];
    const auto end = rows.start[event.neuron + 1];
    auto k = event.cursor;
    const double delay = rows.delay_of(k);
    for (; k < end && rows.delay_of(k) == delay; ++k) {
      const auto cell = rows.cell[k];
      target.arrived[cell] += rows.weight[k];
      mark(projection.target, neuron_of(cell, target.state.size));
    }
    counters_.synaptic_events += k - event.cursor;
    if (k < end) send(event.owner, event.neuron, event.emitted, k);
  }

  void take_stimulus(const Event& event) {
    const auto& active = stimuli_[event.owner];
    auto& target = populations_[active.population];
    target.arrived[active.port * target.state.size + event.neuron] += event.emitted;
    mark(active.population, event.neuron);
    schedule_next(event.owner, event.neuron, {time_.ms(event.time), event.emitted, event.cursor});
  }

  void mark(std::size_t p, NeuronId i) {
    auto& data = populations_[p];
    if (data.marked[i]) return;
    data.marked[i] = arrival;
    if (data.touched.empty()) touched_populations_.push_back(p);
    data.touched.push_back(i);
  }

  /// Touches every marked neuron of a population, in order, and lets those fire that do.
  void touch_marked(std::size_t p) {
    auto& data = populations_[p];
    if (!std::ranges::is_sorted(data.touched)) std::ranges::sort(data.touched);
    counters_.touches += data.touched.size();
    for (const auto i : data.touched) {
      const bool crosses = data.marked[i] == crossing;
      data.marked[i] = unmarked;
      for (std::size_t port = 0; port < data.ports; ++port) {
        auto& cell = data.arrived[port * data.state.size + i];
        data.sums[port] = cell;
        cell = 0.0;
      }
      if (data.dynamics->touch(data.state, i, now_, data.sums.data(), crosses)) emit(p, i);
      predict(p, i);
    }
    data.touched.clear();
  }

  void emit(std::size_t p, NeuronId i) {
    auto& data = populations_[p];
    ++data.spike_count;
    ++counters_.spikes;
    digest_.add(
        p, time_.on_grid ? static_cast<std::uint64_t>(now_) : std::bit_cast<std::uint64_t>(now_),
        i);
    if (data.record_spikes) {
      data.spike_ticks.push_back(now_);
      data.spike_neurons.push_back(i);
    }
    for (const auto projection : outgoing_[p]) {
      const auto& rows = projections_[projection].rows;
      if (rows.start[i] < rows.start[i + 1]) send(projection, i, now_, rows.start[i]);
    }
  }

  void send(std::uint32_t projection, NeuronId source, double emitted, std::uint64_t cursor) {
    const auto& p = projections_[projection];
    queue_.push({emitted + p.rows.delay_of(cursor), populations_[p.target].level, EventKind::row,
                 projection, source, emitted, cursor});
  }

  /// Replaces the prediction of a neuron.
  void predict(std::size_t p, NeuronId i) {
    auto& data = populations_[p];
    ++data.version[i];
    const double time = data.dynamics->next_firing(data.state, i);
    if (time < never) {
      queue_.push({time, data.level, EventKind::firing, static_cast<std::uint32_t>(p), i, 0.0,
                   data.version[i]});
      if (++predictions_ > most_predictions_) drop_outdated_predictions();
    }
  }

  bool is_outdated(const Event& event) const {
    return event.kind == EventKind::firing &&
           event.cursor != populations_[event.owner].version[event.neuron];
  }

  /// Predictions that were replaced wait in the queue until their time comes, which may be never.
  /// Dropping them when they can outnumber the valid ones bounds the queue, at a cost per
  /// prediction that is constant on average.
  void drop_outdated_predictions() {
    queue_.erase_if([&](const Event& event) { return is_outdated(event); });
    count_predictions();
  }

  void count_predictions() {
    std::size_t neurons = 0;
    for (const auto& data : populations_) neurons += data.state.size;
    predictions_ = static_cast<std::size_t>(std::ranges::count_if(
        queue_.events(), [](const Event& event) { return event.kind == EventKind::firing; }));
    most_predictions_ = predictions_ + neurons;
  }

  void schedule_first(std::size_t stimulus) {
    const auto targets = populations_[stimuli_[stimulus].population].state.size;
    for (NeuronId i = 0; i < targets; ++i) {
      schedule_next(static_cast<std::uint32_t>(stimulus), i, {-never, 0.0, 0});
    }
  }

  void schedule_next(std::uint32_t stimulus, NeuronId target, const Arrival& previous) {
    const auto& active = stimuli_[stimulus];
    const auto next = time_.on_grid ? next_on_grid(*active.stimulus, target, previous)
                                    : active.stimulus->next(target, previous);
    if (!(next.time < never)) return;
    queue_.push({time_.ticks(next.time), populations_[active.population].level, EventKind::stimulus,
                 stimulus, target, next.amount, next.ordinal});
  }

  Arrival next_on_grid(const Stimulus& stimulus, NeuronId target, const Arrival& previous) const {
    // Beyond this span a silent device is looked at again when the run gets there.
    constexpr Step longest_look = 100000;
    const Step after = previous.time < 0.0 ? 0 : grid_.nearest(previous.time);
    const Step last = after + longest_look;
    const Step step = std::min(stimulus.next_step(target, after, last), last);
    return {grid_.ms(step), stimulus.amount(target, step), previous.ordinal + 1};
  }

  void bring_up_to_date(EventPopulationData& data, NeuronId i) {
    std::vector<double> variables(data.state.columns.size());
    data.dynamics->peek(data.state, i, now_, variables.data());
    for (std::size_t v = 0; v < variables.size(); ++v) data.state.columns[v][i] = variables[v];
    data.state.touched[i] = now_;
  }

  /// Takes the samples that are due before `time`.
  void sample_before(double time) {
    for (auto& recorder : recorders_) {
      const auto& data = populations_[recorder.population];
      std::vector<double> variables(data.state.columns.size());
      for (;;) {
        const double due =
            time_.ticks(recorder.interval * static_cast<double>(recorder.data.times.size() + 1));
        if (!(due < time)) break;
        recorder.data.times.push_back(time_.ms(due));
        for (const auto neuron : recorder.neurons) {
          data.dynamics->peek(data.state, neuron, due, variables.data());
          for (std::size_t v = 0; v < recorder.variables.size(); ++v) {
            recorder.data.values[v].push_back(variables[recorder.variables[v]]);
          }
        }
      }
    }
  }

  const Network& network_;
  SimulationOptions options_;
  TimeGrid grid_;
  EventTime time_;
  std::vector<ActiveStimulus> stimuli_;
  std::vector<ActiveRecorder> recorders_;
  std::vector<EventPopulationData> populations_;
  std::vector<EventProjection> projections_;
  std::vector<std::uint32_t> bundle_of_;              ///< of each projection
  std::vector<std::vector<std::uint32_t>> outgoing_;  ///< projections by source population
  EventQueue<Event> queue_;
  std::vector<Event> batch_;
  std::vector<std::size_t> touched_populations_;
  RunCounters counters_;
  SpikeDigest digest_;
  std::size_t predictions_ = 0;       ///< in the queue, outdated ones among them
  std::size_t most_predictions_ = 0;  ///< at which the outdated ones are dropped
  double now_ = 0.0;                  ///< ticks: time of the last batch
  double end_ = 0.0;                  ///< ticks: how far the run has come
};

void EventRuntime::save(Archive& archive) const {
  archive.put("event/time", std::vector<double>{now_, end_});
  for (std::size_t p = 0; p < populations_.size(); ++p) {
    const auto& data = populations_[p];
    const auto prefix = fmt::format("event/population{}/", p);
    for (std::size_t v = 0; v < data.state.columns.size(); ++v) {
      archive.put(prefix + data.model->state[v].name, data.state.columns[v]);
    }
    archive.put(prefix + "touched", data.state.touched);
    archive.put(prefix + "refractory_until", data.state.refractory_until);
    archive.put(prefix + "version", data.version);
    archive.put(prefix + "spike_ticks", data.spike_ticks);
    archive.put(prefix + "spike_neurons", data.spike_neurons);
    archive.put(prefix + "spike_count", std::vector<std::uint64_t>{data.spike_count});
  }
  std::vector<double> times, emitted;
  std::vector<std::uint32_t> words;
  std::vector<std::uint64_t> cursors;
  for (const auto& e : queue_.events()) {
    times.push_back(e.time);
    emitted.push_back(e.emitted);
    cursors.push_back(e.cursor);
    words.insert(words.end(), {e.level, static_cast<std::uint32_t>(e.kind), e.owner, e.neuron});
  }
  archive.put("event/queue/time", times);
  archive.put("event/queue/emitted", emitted);
  archive.put("event/queue/cursor", cursors);
  archive.put("event/queue/words", words);
  save_recordings(recorders_, "event", archive);
  save_totals(counters_, digest_.value(), "event", archive);
}

void EventRuntime::load(const Archive& archive) {
  const auto& time = archive.get<double>("event/time", 2);
  now_ = time[0];
  end_ = time[1];
  for (std::size_t p = 0; p < populations_.size(); ++p) {
    auto& data = populations_[p];
    const auto n = data.state.size;
    const auto prefix = fmt::format("event/population{}/", p);
    for (std::size_t v = 0; v < data.state.columns.size(); ++v) {
      data.state.columns[v] = archive.get<double>(prefix + data.model->state[v].name, n);
    }
    data.state.touched = archive.get<double>(prefix + "touched", n);
    data.state.refractory_until = archive.get<double>(prefix + "refractory_until", n);
    data.version = archive.get<std::uint64_t>(prefix + "version", n);
    data.spike_ticks = archive.get<std::vector<double>>(prefix + "spike_ticks");
    data.spike_neurons =
        archive.get<std::uint32_t>(prefix + "spike_neurons", data.spike_ticks.size());
    data.spike_count = archive.get<std::uint64_t>(prefix + "spike_count", 1)[0];
  }
  queue_.clear();
  const auto& times = archive.get<std::vector<double>>("event/queue/time");
  const auto& emitted = archive.get<double>("event/queue/emitted", times.size());
  const auto& cursors = archive.get<std::uint64_t>("event/queue/cursor", times.size());
  const auto& words = archive.get<std::uint32_t>("event/queue/words", 4 * times.size());
  for (std::size_t k = 0; k < times.size(); ++k) {
    const auto* word = words.data() + 4 * k;
    queue_.push({times[k], word[0], static_cast<EventKind>(word[1]), word[2], word[3], emitted[k],
                 cursors[k]});
  }
  count_predictions();
  load_recordings(archive, "event", recorders_);
  counters_ = load_totals(archive, "event", digest_);
}

}  // namespace

PopulationFootprint event_footprint(const NeuronModel& model, double neurons) {
  using Data = EventPopulationData;
  // One valid prediction a neuron waits in the queue at least.
  const double waiting = model.spiking ? sizeof(Event) : 0.0;
  return {.state = neurons * (static_cast<double>(model.state.size()) * sizeof(double) +
                              2.0 * sizeof(double) +  // touched, refractory_until
                              sizeof(decltype(Data::version)::value_type) +
                              sizeof(decltype(Data::marked)::value_type)),
          .arrivals = neurons * (static_cast<double>(model.ports.size()) *
                                     sizeof(decltype(Data::arrived)::value_type) +
                                 waiting),
          .per_spike = sizeof(decltype(Data::spike_ticks)::value_type) + sizeof(NeuronId)};
}

std::unique_ptr<Runtime> make_event_runtime(const Network& network,
                                            const SimulationOptions& options,
                                            const RecordingSpec& recording) {
  for (const auto& projection : network.projections()) {
    if (!projection.plasticity) continue;
    throw Unsupported(fmt::format(
        "projection '{}' is plastic ({}), and the event runtime changes no weights; expected "
        "runtime clock",
        projection.name, projection.plasticity->name()));
  }
  return std::make_unique<EventRuntime>(network, options, recording);
}

}  // namespace ranvier
