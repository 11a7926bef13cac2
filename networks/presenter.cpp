#include "networks/presenter.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

InputKind input_kind(const Encoding<double>& encoding) {
  return encoding.constant() ? InputKind::current : InputKind::spikes;
}

std::unique_ptr<Encoding<double>> make_encoding(const SequentialDescription& description) {
  return encodings().at(description.encoding.name).make<double>(description.encoding.parameters);
}

/// What a constant current is added to: the drive of every step, or the membrane at once.
std::string_view driven_variable(const TrainedNetwork& network) {
  return network.one_shot ? "V_m" : "I_stim";
}

}  // namespace

void require_deployable(const SequentialDescription& network) {
  const auto encoding = make_encoding(network);
  if (!encoding->reads_events()) return;
  EventList two_at_once;
  two_at_once.add(0.0, 0);
  two_at_once.add(0.0, 0);
  const std::vector<double> values(1);
  const std::vector<std::uint32_t> sample(1);
  std::vector<double> activity(network.steps);
  encoding->encode(values,
                   {.steps = network.steps,
                    .step = network.step,
                    .samples = sample,
                    .events = std::span(&two_at_once, 1)},
                   false, activity);
  if (activity[0] <= 1.0) return;
  throw Unsupported(
      fmt::format("encoding '{}' counts the events of a step, but an input of a deployed network "
                  "spikes at most "
                  "once in a step; expected 'bins: binary'",
                  network.encoding.name));
}

SimulationOptions simulation_options(const TrainedNetwork& network,
                                     const InferenceOptions& options) {
  return {.runtime = options.runtime,
          .resolution = network.description.step,
          .on_grid = options.on_grid,
          .threads = 1,
          .seed = options.seed,
          .precision = "double"};
}

Presenter::Presenter(const TrainedNetwork& network, const InferenceOptions& options)
    : network_(network),
      options_(options),
      encoding_(make_encoding(network.description)),
      readout_(losses()
                   .at(network.description.loss.name)
                   .make<double>(network.description.loss.parameters)),
      simulation_(deployed(network, input_kind(*encoding_)), simulation_options(network, options)),
      output_(network.layers.back().name),
      classes_(network.layers.back().size()),
      output_spikes_(neuron_models().at(network.layers.back().model).spiking) {
  require_deployable(network.description);
  if (!encoding_->constant()) return;
  for (const auto& layer : network.layers) {
    for (const auto& from : layer.projections) {
      if (from.source != TrainedProjection::sample) continue;
      currents_.push_back({.layer = layer.name,
                           .map = ColumnMap(from.map),
                           .rest = simulation_.state(layer.name, driven_variable(network))});
    }
  }
}

void Presenter::show(const Examples& examples, std::size_t i) {
  sample_.resize(examples.shape().size());
  const auto index = static_cast<std::uint32_t>(i);
  if (!examples.has_events()) {
    examples.values(i, 0, sample_);
    show(sample_, index);
    return;
  }
  events_.resize(1);
  examples.events(i, 0, events_[0]);
  values_.assign(sample_.size(), 0.0);
  present(index);
}

void Presenter::show(std::span<const float> sample, std::uint32_t index) {
  events_.clear();
  values_.assign(sample.begin(), sample.end());
  present(index);
}

void Presenter::present(std::uint32_t index) {
  const auto steps = network_.description.steps;
  activity_.resize(values_.size() * (encoding_->constant() ? 1 : steps));
  const std::uint32_t samples[] = {index};
  encoding_->encode(values_,
                    {.steps = steps,
                     .step = network_.description.step,
                     .seed = options_.seed,
                     .epoch = 0,
                     .samples = samples,
                     .events = events_},
                    false, activity_);
  step_ = 0;
  output_spikes_seen_ = 0;
  outputs_.clear();
  if (encoding_->constant()) {
    set_current(activity_);
  } else {
    set_spikes(activity_);
  }
}

void Presenter::set_current(std::span<const double> input) {
  simulation_.reset();
  for (auto& [layer, map, rest, start] : currents_) {
    start = rest;
    map.add_product(input, start);
    simulation_.set_state(layer, driven_variable(network_), start);
  }
}

void Presenter::set_spikes(std::span<const double> activity) {
  const auto inputs = network_.description.inputs;
  std::vector<std::vector<double>> times(inputs);
  for (std::size_t t = 0; t < network_.description.steps; ++t) {
    for (std::size_t j = 0; j < inputs; ++j) {
      if (activity[t * inputs + j] == 0.0) continue;
      times[j].push_back(static_cast<double>(t + 1) * network_.description.step);
    }
  }
  simulation_.set_spike_times(input_device, std::move(times));
}

void Presenter::advance() {
  simulation_.run(network_.description.step);
  ++step_;
  append_output(outputs_);
}

void Presenter::append_output(std::vector<double>& outputs) {
  if (!output_spikes_) {
    const auto membrane = simulation_.state(output_, "V_m");
    outputs.insert(outputs.end(), membrane.begin(), membrane.end());
    return;
  }
  const auto spikes = simulation_.spikes(output_);
  outputs.resize(outputs.size() + classes_, 0.0);
  for (; output_spikes_seen_ < spikes.size(); ++output_spikes_seen_) {
    outputs[outputs.size() - classes_ + spikes.neurons[output_spikes_seen_]] += 1.0;
  }
}

std::span<const double> Presenter::scores_of(std::span<const double> outputs) {
  const auto steps = outputs.size() / classes_;
  scores_.resize(outputs.size());
  readout_->scores_over_time({.values = outputs, .steps = steps, .samples = 1, .classes = classes_},
                             scores_);
  return std::span(scores_).last(classes_);
}

std::span<const double> Presenter::scores() { return scores_of(outputs_); }

std::span<const double> Presenter::present_scores() {
  // Spikes add up over the window: their readout is a count, whenever they came.
  if (!output_spikes_) outputs_.clear();
  append_output(outputs_);
  return scores_of(outputs_);
}

void Presenter::run_on_events(const std::function<bool(double, std::span<const double>)>& look) {
  RunControl control;
  control.watched = output_;
  control.decide = [&](double now) {
    return look(now / network_.description.step, present_scores());
  };
  simulation_.run(static_cast<double>(network_.description.steps) * network_.description.step,
                  control);
}

}  // namespace ranvier
