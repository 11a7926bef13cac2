#include "core/runtime/clock_runtime.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include <fmt/format.h>
#include <omp.h>

#include "core/error.hpp"
#include "core/runtime/clock_checkpoint.hpp"
#include "core/runtime/clock_plasticity.hpp"
#include "core/runtime/clock_step.hpp"
#include "core/runtime/footprint.hpp"
#include "core/runtime/precision.hpp"

namespace ranvier {

template <class Real>
ClockRuntime<Real>::ClockRuntime(const Network& network, const SimulationOptions& options,
                                 const RecordingSpec& recording)
    : network_(network),
      options_(options),
      grid_(options.resolution),
      partition_{std::max(1u, options.threads)},
      stimuli_(make_stimuli(network, options.seed, grid_, std::numeric_limits<Real>::digits)),
      recorders_(make_recorders(network, recording)),
      bundles_(bundles_of(network)) {
  make_populations(recording);
  make_workers();
  find_delays();
  find_open_ports();
  find_settling_interval();
  for (auto& recorder : recorders_) {
    recorder_steps_.push_back(grid_.exact(recorder.interval, "recording interval"));
  }
  reset();
}

template <class Real>
void ClockRuntime<Real>::make_populations(const RecordingSpec& recording) {
  const auto levels = levels_of(network_);
  for (std::size_t p = 0; p < network_.populations().size(); ++p) {
    const auto& spec = network_.populations()[p];
    ClockPopulationData<Real> data;
    data.model = &network_.model_of(p);
    data.dynamics = make_clock<Real>(*data.model, spec.parameters, spec.size, grid_);
    data.state.size = spec.size;
    data.level = levels[p];
    data.record_spikes = recording.spikes[p];
    levels_ = std::max(levels_, data.level + 1);
    populations_.push_back(std::move(data));
  }
  for (std::size_t b = 0; b < bundles_.size(); ++b) {
    if (bundles_[b].instantaneous) populations_[target_of(b)].instantaneous.push_back(b);
    if (bundles_[b].storage == WeightStorage::plastic) {
      populations_[target_of(b)].plastic.push_back(b);
    }
  }
}

/// Every thread draws the synapses onto its own neurons, so that their memory is near to it.
template <class Real>
void ClockRuntime<Real>::make_workers() {
  for (unsigned w = 0; w < partition_.workers; ++w) {
    workers_.emplace_back(network_, partition_, w);
  }
  std::exception_ptr failure;
#pragma omp parallel for num_threads(static_cast <int>(partition_.workers)) schedule(static, 1)
  for (unsigned w = 0; w < partition_.workers; ++w) {
    try {
      auto& worker = workers_[w];
      LargeArray<std::byte> scratch;
      for (const auto& bundle : bundles_) {
        worker.rows.emplace_back(network_, bundle, options_.seed, worker.layout, grid_, scratch,
                                 sizeof(Real));
      }
      make_plastic(worker);
    } catch (...) {
#pragma omp critical
      failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

template <class Real>
void ClockRuntime<Real>::make_plastic(ClockWorker<Real>& worker) const {
  worker.plastic.resize(bundles_.size());
  worker.plastic_under_way.resize(bundles_.size());
  for (std::size_t b = 0; b < bundles_.size(); ++b) {
    const auto& spec = network_.projections()[bundles_[b].projections.front()];
    if (!spec.plasticity) continue;
    worker.plastic[b] =
        make_plastic_dynamics<Real>(*spec.plasticity, populations_[bundles_[b].source].state.size,
                                    worker.layout.range(target_of(b)).size(), grid_);
  }
}

template <class Real>
void ClockRuntime<Real>::find_delays() {
  constexpr Step most = 64;  // without a delay that bounds it: often enough to look around
  exchange_ = most;
  for (const auto& worker : workers_) {
    for (std::size_t b = 0; b < bundles_.size(); ++b) {
      if (worker.rows[b].size() == 0) continue;
      auto& reach = populations_[bundles_[b].source].reach;
      reach = std::max(reach, worker.rows[b].longest_delay());
      if (bundles_[b].instantaneous) continue;
      exchange_ = std::min(exchange_, static_cast<Step>(worker.rows[b].shortest_delay()));
    }
  }
  // Levels meet within every step.
  if (levels_ > 1) exchange_ = 1;
}

template <class Real>
std::size_t ClockRuntime<Real>::longest_delay() const {
  std::size_t longest = 0;
  for (const auto& population : populations_) longest = std::max(longest, population.reach);
  return longest;
}

template <class Real>
void ClockRuntime<Real>::find_open_ports() {
  for (std::size_t p = 0; p < populations_.size(); ++p) {
    auto& data = populations_[p];
    const auto is_open = [&](std::size_t port) {
      return std::ranges::any_of(
                 stimuli_, [&](const auto& s) { return s.population == p && s.port == port; }) ||
             std::ranges::any_of(workers_, [&](const auto& worker) {
               const auto first = worker.layout.first(p, port);
               return std::ranges::any_of(worker.rows, [&](const PackedRows& rows) {
                 return rows.spans(first, first + worker.layout.range(p).size());
               });
             });
    };
    data.open.clear();
    for (std::size_t port = 0; port < data.model->ports.size(); ++port) {
      // A population with instantaneous projections steps in one piece, longer than `nothing`.
      data.open.push_back(!data.instantaneous.empty() || is_open(port));
    }
  }
}

/// Plastic weights as they were drawn.
template <class Real>
void ClockRuntime<Real>::redraw_plastic() {
#pragma omp parallel for num_threads(static_cast <int>(partition_.workers)) schedule(static, 1)
  for (unsigned w = 0; w < partition_.workers; ++w) {
    auto& worker = workers_[w];
    LargeArray<std::byte> scratch;
    for (std::size_t b = 0; b < bundles_.size(); ++b) {
      if (!worker.plastic[b]) continue;
      worker.rows[b] = PackedRows(network_, bundles_[b], options_.seed, worker.layout, grid_,
                                  scratch, sizeof(Real));
    }
  }
}

template <class Real>
void ClockRuntime<Real>::reset() {
  now_ = 0;
  if (weights_moved_) redraw_plastic();
  weights_moved_ = false;
  for (std::size_t p = 0; p < populations_.size(); ++p) {
    auto& population = populations_[p];
    population.dynamics->rest(population.state);
    draw_initial_state(network_, p, options_.seed, population.state);
    population.refractory.assign(population.state.size, 0);
  }
  for (auto& worker : workers_) {
    std::ranges::fill(worker.arrivals, Real(0));
    worker.calendar = Calendar(longest_delay());
    for (auto& set : worker.spikes) {
      set.resize(static_cast<std::size_t>(exchange_));
      for (auto& lists : set) lists.resize(populations_.size());
    }
    worker.emitted.assign(populations_.size(), {});
    worker.record.assign(populations_.size(), {});
    worker.spike_count.assign(populations_.size(), 0);
    worker.counters = {};
    worker.digest = {};
    for (const auto& plastic : worker.plastic) {
      if (plastic) plastic->reset();
    }
    worker.plastic_under_way.assign(bundles_.size(), {});
  }
  clear_recordings(recorders_);
}

template <class Real>
void ClockRuntime<Real>::run_until(double end, const RunControl& control) {
  const Step last = grid_.exact(end, "the end of the run");
  if (last <= now_) return;
  weights_moved_ = settling_ > 0;
  prepare_recordings(last);
  const bool watched = static_cast<bool>(control.decide);
  Session session{.control = control,
                  .watched = watched,
                  .first = now_ + 1,
                  .stop = last,
                  .interval = watched ? 1 : exchange_,
                  .polling = Polling(control),
                  .barrier = Barrier(partition_.workers),
                  .starts_alone = partition_.workers > 1 && team_.alone()};
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

template <class Real>
std::vector<double> ClockRuntime<Real>::state(std::size_t population, std::size_t variable) const {
  const auto& column = populations_[population].state.columns[variable];
  return {column.begin(), column.end()};
}

template <class Real>
void ClockRuntime<Real>::set_state(std::size_t population, std::size_t variable,
                                   std::span<const double> values) {
  auto& column = populations_[population].state.columns[variable];
  std::ranges::transform(values, column.begin(), [](double x) { return static_cast<Real>(x); });
}

template <class Real>
void ClockRuntime<Real>::update_parameters(std::size_t population) {
  auto& data = populations_[population];
  const auto& spec = network_.populations()[population];
  data.dynamics = make_clock<Real>(*data.model, spec.parameters, spec.size, grid_);
}

template <class Real>
void ClockRuntime<Real>::update_stimuli() {
  stimuli_ = make_stimuli(network_, options_.seed, grid_, std::numeric_limits<Real>::digits);
  find_open_ports();
}

template <class Real>
SpikeTrain ClockRuntime<Real>::spikes(std::size_t population) const {
  std::vector<RecordedSpike> all;
  for (const auto& worker : workers_) {
    const auto& record = worker.record[population];
    all.insert(all.end(), record.begin(), record.end());
  }
  std::ranges::sort(all, std::less<>{});
  SpikeTrain train;
  for (const auto& spike : all) {
    train.times.push_back(grid_.ms(spike.step));
    train.neurons.push_back(spike.neuron);
  }
  return train;
}

template <class Real>
std::uint64_t ClockRuntime<Real>::spike_count(std::size_t population) const {
  std::uint64_t count = 0;
  for (const auto& worker : workers_) count += worker.spike_count[population];
  return count;
}

template <class Real>
const StateRecording& ClockRuntime<Real>::recording(std::size_t recorder) const {
  return recorders_[recorder].data;
}

template <class Real>
RunCounters ClockRuntime<Real>::counters() const {
  RunCounters sum;
  for (const auto& worker : workers_) {
    sum.spikes += worker.counters.spikes;
    sum.synaptic_events += worker.counters.synaptic_events;
    sum.touches += worker.counters.touches;
  }
  return sum;
}

template <class Real>
std::uint64_t ClockRuntime<Real>::digest() const {
  SpikeDigest sum;
  for (const auto& worker : workers_) sum.merge(worker.digest);
  return sum.value();
}

template <class Real>
std::size_t ClockRuntime<Real>::synapses() const {
  std::size_t count = 0;
  for (const auto& worker : workers_) {
    for (const auto& rows : worker.rows) count += rows.size();
  }
  return count;
}

template <class Real>
std::size_t ClockRuntime<Real>::synapse_bytes() const {
  std::size_t bytes = 0;
  for (const auto& worker : workers_) {
    for (const auto& rows : worker.rows) bytes += rows.bytes();
    for (const auto& plastic : worker.plastic) bytes += plastic ? plastic->bytes() : 0;
  }
  return bytes;
}

template class ClockRuntime<float>;
template class ClockRuntime<double>;

PopulationFootprint clock_footprint(const NeuronModel& model, double neurons,
                                    std::size_t bytes_per_value) {
  using Data = ClockPopulationData<double>;
  const auto value = static_cast<double>(bytes_per_value);
  return {.state = neurons * (static_cast<double>(model.state.size()) * value +
                              sizeof(decltype(Data::refractory)::value_type)),
          .arrivals = neurons * static_cast<double>(model.ports.size()) * value,
          .per_spike = sizeof(RecordedSpike)};
}

std::unique_ptr<Runtime> make_clock_runtime(const Network& network,
                                            const SimulationOptions& options,
                                            const RecordingSpec& recording) {
  if (precision_of(options) == "single") {
    return std::make_unique<ClockRuntime<float>>(network, options, recording);
  }
  return std::make_unique<ClockRuntime<double>>(network, options, recording);
}

}  // namespace ranvier
