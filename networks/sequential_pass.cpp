/// The way of a batch through a layered network, and the way back.

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/matrix.hpp"
#include "core/parallel.hpp"
#include "networks/sequential.hpp"

namespace ranvier {
namespace {

/// Sums [T][R] over time into [R], step after step: Eigen's column sums associate differently
/// according to where in memory the sum lies, and equal runs would differ in the last bit.
template <class Real>
void sum_over_time(std::span<const Real> values, std::span<Real> sum) {
  std::ranges::copy(values.first(sum.size()), sum.begin());
  for (std::size_t begin = sum.size(); begin < values.size(); begin += sum.size()) {
    const auto step = values.subspan(begin, sum.size());
    std::transform(sum.begin(), sum.end(), step.begin(), sum.begin(), std::plus<>{});
  }
}

/// Adds a row, again and again where it is shorter.
template <class Real>
void add_rows(std::span<const Real> row, std::span<Real> sum) {
  for (std::size_t begin = 0; begin < sum.size(); begin += row.size()) {
    const auto part = sum.subspan(begin, row.size());
    std::transform(part.begin(), part.end(), row.begin(), part.begin(), std::plus<>{});
  }
}

/// A buffer out of those between uses.
template <class Real>
std::vector<Real> take(SequentialTrace<Real>& trace, std::size_t size) {
  std::vector<Real> buffer;
  if (!trace.spare.empty()) {
    buffer = std::move(trace.spare.back());
    trace.spare.pop_back();
  }
  buffer.resize(size);
  return buffer;
}

template <class Real>
void give_back(SequentialTrace<Real>& trace, std::vector<Real>& buffer) {
  if (buffer.capacity() > 0) trace.spare.push_back(std::move(buffer));
  buffer = {};
}

}  // namespace

template <class Real>
std::vector<typename Sequential<Real>::Steps> Sequential<Real>::windows() const {
  const std::size_t longest = description_.window == 0 ? description_.steps : description_.window;
  std::vector<Steps> windows;
  for (std::size_t first = 0; first < description_.steps; first += longest) {
    windows.push_back({first, std::min(longest, description_.steps - first)});
  }
  return windows;
}

template <class Real>
const SpikeFunction<Real>& Sequential<Real>::threshold() const noexcept {
  if (smoothed_) return *smooth_threshold_;
  return *surrogate_;
}

template <class Real>
Presentation Sequential<Real>::presentation(const SequentialTrace<Real>& trace) const {
  return {.steps = description_.steps,
          .step = description_.step,
          .seed = trace.seed,
          .epoch = trace.epoch,
          .samples = trace.samples,
          .events = trace.events};
}

template <class Real>
ChunkWindow Sequential<Real>::chunk_window(const SequentialTrace<Real>& trace) const {
  return {.seed = trace.seed, .epoch = trace.epoch, .samples = trace.samples};
}

template <class Real>
StageNumbers<Real> Sequential<Real>::numbers_of(std::size_t k, const BatchSums& sums) const {
  const auto& node = nodes_[k];
  return {.trained = parameters().subspan(node.first_parameter, node.parameters),
          .statistics = statistics().subspan(node.first_statistic, node.statistics),
          .batch = sums.nodes[k].settled,
          .batch_adjoint = sums.nodes[k].adjoint,
          .batch_count = sums.nodes[k].count};
}

/// A trace of a constant input is none.
template <class Real>
bool Sequential<Real>::constant_input() const {
  return encoding_->constant() && !credit_.presynaptic_trace;
}

template <class Real>
Activity<Real> Sequential<Real>::activity_of(std::size_t node, const SequentialTrace<Real>& trace,
                                             const Steps& steps) const {
  const std::size_t samples = trace.samples.size();
  if (node != encoded) {
    const auto& from = trace.nodes[node];
    return {from.output, steps.count, samples, from.constant};
  }
  if (constant_input()) return {trace.activity, steps.count, samples, true};
  const std::size_t row = trace.values.size();
  return {std::span(trace.activity).subspan(steps.first * row, steps.count * row), steps.count,
          samples, false};
}

template <class Real>
void Sequential<Real>::encode(std::uint64_t seed, std::uint32_t epoch,
                              SequentialTrace<Real>& trace) const {
  trace.seed = seed;
  trace.epoch = epoch;
  trace.activity.resize((encoding_->constant() ? 1 : description_.steps) * trace.values.size());
  encoding_->encode(trace.values, presentation(trace), smoothed_, trace.activity);
  if (encoding_->constant() && !constant_input()) {
    const std::size_t row = trace.values.size();
    trace.activity.resize(description_.steps * row);
    for (std::size_t t = 1; t < description_.steps; ++t) {
      std::copy_n(trace.activity.begin(), row,
                  trace.activity.begin() + static_cast<std::ptrdiff_t>(t * row));
    }
  }
  trace.nodes.resize(nodes_.size());
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    nodes_[k].stage->begin(trace.samples.size(), trace.nodes[k].record);
    trace.nodes[k].spikes = 0.0;
  }
  trace.output.resize(description_.steps * trace.samples.size() * classes());
  trace.starts.clear();
}

template <class Real>
void Sequential<Real>::forward(std::uint64_t seed, std::uint32_t epoch,
                               SequentialTrace<Real>& trace) const {
  ChunkTask<Real> task{.trace = &trace, .labels = {}, .grad_parameters = {}};
  forward(seed, epoch, std::span(&task, 1), trace.sums, 1);
}

template <class Real>
void Sequential<Real>::forward(std::uint64_t seed, std::uint32_t epoch,
                               std::span<ChunkTask<Real>> chunks, BatchSums& sums,
                               int threads) const {
  sums.nodes.assign(nodes_.size(), {});
  sums.found.clear();
  sums.first_pass = true;
  in_parallel(chunks.size(), threads,
              [&](std::size_t c) { encode(seed, epoch, *chunks[c].trace); });
  const auto all = windows();
  for (const auto& steps : all) {
    if (all.size() > 1) {
      for (auto& chunk : chunks) {
        auto& start = chunk.trace->starts.emplace_back();
        for (const auto& node : chunk.trace->nodes) {
          start.push_back({node.record.state, node.record.last});
        }
      }
    }
    run_window(steps, chunks, sums, threads);
    for (auto& chunk : chunks) keep_output(steps, *chunk.trace);
  }
  sums.first_pass = false;
}

template <class Real>
void Sequential<Real>::run_window(const Steps& steps, std::span<ChunkTask<Real>> chunks,
                                  BatchSums& sums, int threads) const {
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    if (nodes_[k].stage->over_batch() != nullptr && chunks.front().trace->epoch > 0) {
      measure(k, steps, chunks, sums, threads);
    }
    in_parallel(chunks.size(), threads,
                [&](std::size_t c) { run_node(k, steps, *chunks[c].trace, sums); });
  }
}

template <class Real>
void Sequential<Real>::measure(std::size_t k, const Steps& steps, std::span<ChunkTask<Real>> chunks,
                               BatchSums& sums, int threads) const {
  const auto& stage = *nodes_[k].stage->over_batch();
  std::vector<std::vector<double>> parts(chunks.size(), std::vector<double>(stage.sums()));
  in_parallel(chunks.size(), threads, [&](std::size_t c) {
    stage.collect(activity_of(nodes_[k].input, *chunks[c].trace, steps), parts[c]);
  });
  auto& of_node = sums.nodes[k];
  of_node.settled.assign(stage.sums(), 0.0);
  of_node.count = 0;
  for (std::size_t c = 0; c < chunks.size(); ++c) {
    add_rows<double>(parts[c], of_node.settled);
    of_node.count +=
        activity_of(nodes_[k].input, *chunks[c].trace, steps).rows() * stage.values_per_row();
  }
  stage.settle(of_node.count, of_node.settled);
  if (sums.first_pass) sums.found.push_back({k, of_node.settled, of_node.count});
}

template <class Real>
void Sequential<Real>::run_node(std::size_t k, const Steps& steps, SequentialTrace<Real>& trace,
                                const BatchSums& sums) const {
  const auto& node = nodes_[k];
  const auto& stage = *node.stage;
  auto& to = trace.nodes[k];
  const auto input = activity_of(node.input, trace, steps);
  const bool constant = stage.steady() && input.constant;
  const bool stays = constant && (node.add == encoded || trace.nodes[node.add].constant);
  const std::size_t row = trace.samples.size() * stage.shape().size();
  to.constant = stays;
  to.output.resize((stays ? 1 : steps.count) * row);
  const std::span<Real> output(to.output);
  stage.forward(chunk_window(trace), numbers_of(k, sums), input, threshold(), to.record,
                constant ? output.first(row) : output);
  if (node.add != encoded) {
    if (constant && !stays) {
      for (std::size_t t = 1; t < steps.count; ++t) {
        std::ranges::copy(output.first(row), output.subspan(t * row).begin());
      }
    }
    add_rows<Real>(trace.nodes[node.add].output, output);
  }
  if (stage.spiking() && sums.first_pass) {
    to.spikes = std::accumulate(output.begin(), output.end(), to.spikes);
  }
}

template <class Real>
void Sequential<Real>::keep_output(const Steps& steps, SequentialTrace<Real>& trace) const {
  const auto& last = trace.nodes.back();
  const std::size_t row = trace.samples.size() * classes();
  for (std::size_t t = 0; t < steps.count; ++t) {
    std::copy_n(last.output.data() + (last.constant ? 0 : t * row), row,
                trace.output.data() + (steps.first + t) * row);
  }
}

template <class Real>
Output<Real> Sequential<Real>::output(const SequentialTrace<Real>& trace) const {
  return {trace.output, description_.steps, trace.samples.size(), classes()};
}

template <class Real>
std::vector<Real> Sequential<Real>::layer_output(std::size_t layer,
                                                 const SequentialTrace<Real>& trace) const {
  const auto& from = trace.nodes[outputs_.at(layer)];
  auto values = from.output;
  if (!from.constant) return values;
  values.resize(description_.steps * from.output.size());
  for (std::size_t t = 1; t < description_.steps; ++t) {
    std::ranges::copy(from.output,
                      values.begin() + static_cast<std::ptrdiff_t>(t * from.output.size()));
  }
  return values;
}

template <class Real>
std::vector<double> Sequential<Real>::spike_counts(const SequentialTrace<Real>& trace) const {
  std::vector<double> counts(layers_.size());
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    counts[nodes_[k].layer] += trace.nodes[k].spikes;
  }
  return counts;
}

/// Spiking neurons of hidden layers.
template <class Real>
bool Sequential<Real>::is_regularised(const RateRegularisation& penalty, std::size_t k) const {
  return penalty.strength > 0.0 && nodes_[k].stage->spiking() &&
         nodes_[k].layer + 1 < layers_.size();
}

template <class Real>
Objective Sequential<Real>::objective(std::span<const std::uint8_t> labels,
                                      const RateRegularisation& penalty,
                                      const SequentialTrace<Real>& trace) const {
  const auto readout = loss_->evaluate(output(trace), {labels, trace.samples}, 1.0, {});
  Objective result{readout.loss, 0.0, readout.correct};
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    if (!is_regularised(penalty, k)) continue;
    result.penalty += add_rate_penalty<Real>(penalty, description_.steps, trace.samples.size(),
                                             trace.nodes[k].output, 1.0, {});
  }
  return result;
}

template <class Real>
Objective Sequential<Real>::backward(std::span<const std::uint8_t> labels,
                                     const RateRegularisation& penalty, double weight,
                                     SequentialTrace<Real>& trace, std::span<Real> grad_parameters,
                                     std::span<Real> grad_values) const {
  ChunkTask<Real> task{.trace = &trace,
                       .labels = labels,
                       .grad_parameters = grad_parameters,
                       .grad_values = grad_values};
  backward(penalty, weight, std::span(&task, 1), trace.sums, 1);
  return task.objective;
}

template <class Real>
void Sequential<Real>::backward(const RateRegularisation& penalty, double weight,
                                std::span<ChunkTask<Real>> chunks, BatchSums& sums,
                                int threads) const {
  const auto all = windows();
  if (all.size() > 1 && penalty.strength > 0.0) {
    throw Unsupported(
        "a penalty on firing rates looks at the whole presentation; expected no windows of steps "
        "with it");
  }
  in_parallel(chunks.size(), threads, [&](std::size_t c) { judge(weight, chunks[c]); });
  // Traces of the presynaptic activity grow forwards, and then errors cross no step.
  for (std::size_t turn = 0; turn < all.size(); ++turn) {
    const std::size_t w = credit_.presynaptic_trace ? turn : all.size() - 1 - turn;
    if (all.size() > 1) {
      for (auto& chunk : chunks) {
        for (std::size_t k = 0; k < nodes_.size(); ++k) {
          auto& record = chunk.trace->nodes[k].record;
          record.state = chunk.trace->starts[w][k].state;
          record.last = chunk.trace->starts[w][k].last;
          if (!description_.truncated) continue;
          std::ranges::fill(record.adjoint, Real(0));
          std::ranges::fill(record.last_adjoint, Real(0));
        }
      }
      run_window(all[w], chunks, sums, threads);
    }
    pull_back_window(all[w], penalty, weight, chunks, sums, threads);
  }
  in_parallel(chunks.size(), threads, [&](std::size_t c) {
    auto& chunk = chunks[c];
    if (chunk.grad_values.empty()) return;
    auto& grad = chunk.trace->grad_activity;
    if (encoding_->constant() && !constant_input()) {
      auto summed = take(*chunk.trace, chunk.trace->values.size());
      sum_over_time<Real>(grad, summed);
      grad.swap(summed);
    }
    encoding_->backward(chunk.trace->values, presentation(*chunk.trace), grad, chunk.grad_values);
  });
}

/// The loss of a chunk and its gradient by the output.
template <class Real>
void Sequential<Real>::judge(double weight, ChunkTask<Real>& chunk) const {
  auto& trace = *chunk.trace;
  for (auto& node : trace.nodes) {
    std::ranges::fill(node.record.adjoint, Real(0));
    std::ranges::fill(node.record.last_adjoint, Real(0));
    node.faded.clear();
  }
  trace.grad_output.resize(trace.output.size());
  const auto readout =
      loss_->evaluate(output(trace), {chunk.labels, trace.samples}, weight, trace.grad_output);
  chunk.objective = {readout.loss, 0.0, readout.correct};
  trace.grad_activity.assign(chunk.grad_values.empty() ? 0 : trace.activity.size(), Real(0));
}

template <class Real>
void Sequential<Real>::pull_back_window(const Steps& steps, const RateRegularisation& penalty,
                                        double weight, std::span<ChunkTask<Real>> chunks,
                                        BatchSums& sums, int threads) const {
  in_parallel(chunks.size(), threads, [&](std::size_t c) {
    auto& trace = *chunks[c].trace;
    for (auto& node : trace.nodes) give_back(trace, node.grad);
    auto& last = trace.nodes.back();
    const std::size_t row = trace.samples.size() * classes();
    const auto grad =
        std::span<const Real>(trace.grad_output).subspan(steps.first * row, steps.count * row);
    last.grad = take(trace, last.output.size());
    sum_over_time<Real>(grad, std::span(last.grad).first(last.constant ? row : grad.size()));
  });
  for (std::size_t k = nodes_.size(); k-- > 0;) {
    in_parallel(chunks.size(), threads, [&](std::size_t c) {
      auto& trace = *chunks[c].trace;
      auto& node = trace.nodes[k];
      if (direct_ && nodes_[k].feedback > 0) receive_directly(k, steps, trace);
      if (node.grad.empty()) node.grad.assign(node.output.size(), Real(0));
      if (!is_regularised(penalty, k)) return;
      chunks[c].objective.penalty += add_rate_penalty<Real>(
          penalty, description_.steps, trace.samples.size(), node.output, weight, node.grad);
    });
    if (nodes_[k].stage->over_batch() != nullptr && chunks.front().trace->epoch > 0) {
      measure_back(k, steps, chunks, sums, threads);
    }
    in_parallel(chunks.size(), threads,
                [&](std::size_t c) { pull_back_node(k, steps, chunks[c], sums); });
  }
}

template <class Real>
void Sequential<Real>::measure_back(std::size_t k, const Steps& steps,
                                    std::span<ChunkTask<Real>> chunks, BatchSums& sums,
                                    int threads) const {
  const auto& stage = *nodes_[k].stage->over_batch();
  std::vector<std::vector<double>> parts(chunks.size(), std::vector<double>(stage.sums()));
  const auto numbers = numbers_of(k, sums);
  in_parallel(chunks.size(), threads, [&](std::size_t c) {
    const auto& trace = *chunks[c].trace;
    const auto input = activity_of(nodes_[k].input, trace, steps);
    std::vector<Real> summed;
    std::span<const Real> grad = trace.nodes[k].grad;
    if (grad.size() > input.values.size()) {
      summed.resize(input.values.size());
      sum_over_time<Real>(grad, summed);
      grad = summed;
    }
    stage.collect_back(chunk_window(trace), numbers, input, grad, parts[c]);
  });
  auto& adjoint = sums.nodes[k].adjoint;
  adjoint.assign(stage.sums(), 0.0);
  for (const auto& part : parts) add_rows<double>(part, adjoint);
}

template <class Real>
Activity<Real> Sequential<Real>::presynaptic(std::size_t k, const Activity<Real>& input,
                                             SequentialTrace<Real>& trace) const {
  const auto& node = nodes_[k];
  const bool synapses = !node.neurons && node.parameters > 0 && node.stage->over_batch() == nullptr;
  if (!credit_.presynaptic_trace || !synapses) return input;
  auto& kept = trace.nodes[k];
  const std::size_t row = input.values.size() / input.steps;
  const auto leak = static_cast<Real>(node.leak);
  kept.traced.resize(input.values.size());
  kept.faded.resize(row);
  for (std::size_t t = 0; t < input.steps; ++t) {
    const Real* now = input.values.data() + t * row;
    Real* to = kept.traced.data() + t * row;
    for (std::size_t i = 0; i < row; ++i) {
      kept.faded[i] = leak * kept.faded[i] + now[i];
      to[i] = kept.faded[i];
    }
  }
  return {kept.traced, input.steps, input.samples, false};
}

template <class Real>
void Sequential<Real>::receive_directly(std::size_t k, const Steps& steps,
                                        SequentialTrace<Real>& trace) const {
  auto& to = trace.nodes[k];
  const std::size_t row = trace.samples.size() * classes();
  const auto errors =
      std::span<const Real>(trace.grad_output).subspan(steps.first * row, steps.count * row);
  const auto feedback = statistics().subspan(nodes_[k].first_feedback, nodes_[k].feedback);
  const std::size_t rows = steps.count * trace.samples.size();
  std::vector<Real> received(rows * nodes_[k].stage->shape().size());
  matrix_view(std::span(received), rows).noalias() =
      matrix_view(errors, rows) *
      matrix_view(feedback, nodes_[k].stage->shape().size()).transpose();
  to.grad.resize(to.output.size());
  sum_over_time<Real>(received, std::span(to.grad));
}

template <class Real>
void Sequential<Real>::pull_back_node(std::size_t k, const Steps& steps, ChunkTask<Real>& chunk,
                                      const BatchSums& sums) const {
  auto& trace = *chunk.trace;
  const auto& node = nodes_[k];
  auto& from = trace.nodes[k];
  const auto input = activity_of(node.input, trace, steps);
  const std::size_t row = trace.samples.size() * node.stage->shape().size();
  if (node.add != encoded) {
    auto& other = trace.nodes[node.add];
    if (other.grad.empty()) {
      other.grad = take(trace, other.output.size());
      std::ranges::fill(other.grad, Real(0));
    }
    if (other.grad.size() < from.grad.size()) {
      auto summed = take(trace, other.grad.size());
      sum_over_time<Real>(from.grad, summed);
      add_rows<Real>(summed, other.grad);
      give_back(trace, summed);
    } else {
      add_rows<Real>(from.grad, other.grad);
    }
  }
  const bool steady = node.stage->steady();
  if (steady && input.constant && from.grad.size() > row) {
    // The stage gave one row, which the sum repeated.
    auto summed = take(trace, row);
    sum_over_time<Real>(from.grad, summed);
    give_back(trace, from.grad);
    from.grad = std::move(summed);
  }
  const bool within_layer = node.input != encoded && nodes_[node.input].layer == node.layer;
  const bool asked = direct_ ? within_layer : node.input != encoded || !chunk.grad_values.empty();
  std::vector<Real> grad_input;
  if (asked || !steady) {
    const std::size_t repeats = !steady && input.constant ? steps.count : 1;
    grad_input = take(trace, repeats * input.values.size());
  }
  node.stage->backward(
      chunk_window(trace), numbers_of(k, sums), presynaptic(k, input, trace), threshold(),
      credit_.paths(!description_.detach_reset), from.record, from.output,
      {.grad_output = from.grad,
       .grad_input = grad_input,
       .grad_trained = chunk.grad_parameters.subspan(node.first_parameter, node.parameters)});
  give_back(trace, from.grad);
  if (!asked) {
    give_back(trace, grad_input);
    return;
  }
  if (grad_input.size() > input.values.size()) {
    auto summed = take(trace, input.values.size());
    sum_over_time<Real>(grad_input, summed);
    give_back(trace, grad_input);
    grad_input = std::move(summed);
  }
  if (node.input == encoded) {
    const std::size_t first = encoding_->constant() ? 0 : steps.first * trace.values.size();
    add_rows<Real>(grad_input, std::span(trace.grad_activity).subspan(first, grad_input.size()));
    give_back(trace, grad_input);
    return;
  }
  auto& source = trace.nodes[node.input];
  if (source.grad.empty()) {
    source.grad = std::move(grad_input);
  } else {
    add_rows<Real>(grad_input, source.grad);
    give_back(trace, grad_input);
  }
}

template <class Real>
std::string Sequential<Real>::first_not_finite(const SequentialTrace<Real>& trace) const {
  for (std::size_t k = 0; k < trace.nodes.size(); ++k) {
    const auto& values = trace.nodes[k].output;
    const auto at = std::ranges::find_if_not(values, [](Real x) { return std::isfinite(x); });
    if (at == values.end()) continue;
    const auto row =
        static_cast<std::size_t>(at - values.begin()) / nodes_[k].stage->shape().size();
    return fmt::format("layer '{}' at step {} of sample {}", layers_[nodes_[k].layer].name,
                       row / trace.samples.size() + 1, trace.samples[row % trace.samples.size()]);
  }
  return {};
}

template class Sequential<float>;
template class Sequential<double>;

}  // namespace ranvier
