/// The way of a batch back through a layered network.

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "core/matrix.hpp"
#include "core/parallel.hpp"
#include "networks/activity_rows.hpp"
#include "networks/sequential.hpp"

namespace ranvier {

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
      for (const auto read : {k, nodes_[k].input, nodes_[k].add}) recall_spikes(read, trace);
      if (direct_ && nodes_[k].feedback > 0) receive_directly(k, steps, trace);
      if (node.grad.empty()) node.grad.assign(node.output.size(), Real(0));
      if (!is_regularised(penalty, k)) return;
      chunks[c].objective.penalty += add_rate_penalty<Real>(
          penalty, description_.steps, trace.samples.size(), node.output, weight, node.grad);
    });
    if (nodes_[k].stage->over_batch() != nullptr && chunks.front().trace->epoch > 0) {
      measure_back(k, steps, chunks, sums, threads);
    }
    in_parallel(chunks.size(), threads, [&](std::size_t c) {
      pull_back_node(k, steps, chunks[c], sums);
      let_go(k, *chunks[c].trace);
    });
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
  const std::span<const Real> grad_output(from.grad);
  LargeArray<Real> grad_input;
  if (asked || !steady) {
    const std::size_t repeats = !steady && input.constant ? steps.count : 1;
    const std::size_t size = repeats * input.values.size();
    const bool in_place = node.stage->backward_in_place() && size == from.grad.size();
    grad_input = in_place ? std::move(from.grad) : take(trace, size);
  }
  const bool pooled = chunk.pooled && pools(k);
  node.stage->backward({.window = chunk_window(trace),
                        .numbers = numbers_of(k, sums),
                        .input = presynaptic(k, input, trace),
                        .threshold = threshold(),
                        .record = from.record,
                        .credit = credit_.paths(!description_.detach_reset),
                        .traced = credit_.presynaptic_trace},
                       {.output = from.output,
                        .grad_output = grad_output,
                        .grad_input = grad_input,
                        .grad_trained = pooled ? std::span<Real>()
                                               : chunk.grad_parameters.subspan(node.first_parameter,
                                                                               node.parameters)});
  if (pooled) std::swap(from.error, from.grad);
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
    const std::size_t first = constant_input() ? 0 : steps.first * trace.values.size();
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

template class Sequential<float>;
template class Sequential<double>;

}  // namespace ranvier
