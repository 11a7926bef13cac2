#pragma once

/// Builds the registry entry of a neuron model from its class: the description from its
/// declarations, the dynamics from the runtimes' templates.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/model_parameters.hpp"
#include "core/neuron_model.hpp"
#include "core/plugin.hpp"
#include "core/runtime/clock_dynamics.hpp"
#include "core/runtime/event_population.hpp"
#include "core/runtime/gradient_dynamics.hpp"

namespace ranvier {

template <class M, class Real>
auto gradient_maker(std::string where) {
  return [where = std::move(where)](
             const PopulationParameters& given, std::size_t n, double h,
             const std::vector<std::string>& trained) -> std::unique_ptr<GradientDynamics<Real>> {
    return std::make_unique<GradientPopulation<M, Real>>(model_parameters<M>(given, n, where), n, h,
                                                         trained);
  };
}

template <class M>
NeuronModel describe_model() {
  NeuronModel model{.name = std::string(M::info.name),
                    .summary = std::string(M::info.summary),
                    .equations = std::string(M::info.equations),
                    .source = std::string(M::info.source),
                    .parameters = parameters_of<typename M::Parameters>(),
                    .ports = {M::ports.begin(), M::ports.end()},
                    .spiking = is_spiking<M>};
  for (const auto& field : M::template State<double>::fields()) {
    model.state.push_back(
        {std::string(field.name), std::string(field.unit), std::string(field.doc)});
  }
  const auto where = "model " + model.name;
  model.validate = [](const PopulationParameters& given, std::size_t n, const std::string& owner) {
    model_parameters<M>(given, n, owner);
  };
  model.make_clock_float = [where](const PopulationParameters& given, std::size_t n,
                                   const TimeGrid& grid) -> std::unique_ptr<ClockDynamics<float>> {
    return std::make_unique<ClockPopulation<M, float>>(model_parameters<M>(given, n, where), grid);
  };
  model.make_clock_double = [where](
                                const PopulationParameters& given, std::size_t n,
                                const TimeGrid& grid) -> std::unique_ptr<ClockDynamics<double>> {
    return std::make_unique<ClockPopulation<M, double>>(model_parameters<M>(given, n, where), grid);
  };
  if constexpr (RunsOnEvents<M>) {
    model.make_event = [where](const PopulationParameters& given, std::size_t n,
                               const EventTime& time,
                               bool refractoriness) -> std::unique_ptr<EventDynamics> {
      auto parameters = model_parameters<M>(given, n, where);
      if constexpr (is_spiking<M>) {
        const auto pauses = [](const auto& p) { return M::refractory_period(p) > 0.0; };
        if (refractoriness || std::ranges::any_of(parameters, pauses)) {
          return std::make_unique<EventPopulation<M, true>>(std::move(parameters), n, time);
        }
      }
      return std::make_unique<EventPopulation<M, false>>(std::move(parameters), n, time);
    };
  }
  if constexpr (Trainable<M>) {
    model.make_gradient_float = gradient_maker<M, float>(where);
    model.make_gradient_double = gradient_maker<M, double>(where);
    if constexpr (HasTrainedParameters<M>) {
      for (const auto name : M::trained_parameters) model.trained_parameters.emplace_back(name);
    }
  }
  return model;
}

template <class M>
struct NeuronRegistration {
  NeuronRegistration() {
    register_or_note([] {
      auto model = describe_model<M>();
      auto name = model.name;
      neuron_models().add(std::move(name), std::move(model));
    });
  }
};

}  // namespace ranvier
