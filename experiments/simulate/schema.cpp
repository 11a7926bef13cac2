#include "experiments/simulate/schema.hpp"

#include "core/neuron_model.hpp"
#include "core/plasticity.hpp"
#include "core/stimulus.hpp"
#include "experiments/simulate/plan.hpp"
#include "experiments/simulate/values.hpp"
#include "networks/circuit.hpp"
#include "networks/connection_rules.hpp"

namespace ranvier {
namespace {

using Named = std::vector<std::pair<std::string, Schema>>;

Parameter quantity(const std::string& name, const std::string& unit, Bounds bounds) {
  return {name, unit, ParameterType::real, 0.0, bounds, {}, name};
}

Schema text_list() { return schema_of_list({{"type", "string"}}); }

/// One form for each model: the parameters it has, and no others.
Schema population_schema() {
  std::vector<Schema> forms;
  for (const auto& [name, model] : neuron_models()) {
    Named parameters, initial;
    for (const auto& parameter : model.parameters) {
      const bool real = parameter.type == ParameterType::real;
      parameters.emplace_back(parameter.name,
                              real ? schema_of_source_or_list(parameter) : schema_of(parameter));
    }
    for (const auto& variable : model.state) {
      initial.emplace_back(variable.name, schema_of_source_or_list(
                                              quantity(variable.name, variable.unit, any_real)));
    }
    forms.push_back(schema_of_map(parameters_of<PopulationKeys>(),
                                  {{"model", {{"const", name}, {"description", model.summary}}},
                                   {"parameters", schema_of_map({}, parameters)},
                                   {"initial", schema_of_map({}, initial)}},
                                  {"model", "size"}));
  }
  return schema_of_either(std::move(forms));
}

Schema projection_schema() {
  return schema_of_map(parameters_of<ProjectionKeys>(),
                       {{"rule", schema_of_choice(connection_rules())},
                        {"weight", schema_of_source(quantity("weight", "", any_real))},
                        {"delay", schema_of_source(quantity("delay", "ms", non_negative))},
                        {"plasticity", schema_of_choice(plasticity_rules())}},
                       {"source", "target", "rule", "weight", "delay"});
}

Schema device_schema() {
  const Schema times = schema_of_list({{"type", "number"}});
  std::vector<Schema> forms;
  for (const auto& [name, model] : stimulus_models()) {
    Named others{{"model", {{"const", name}, {"description", model.summary}}},
                 {"parameters", schema_of_map(model.parameters)}};
    if (model.takes_spike_times) {
      others.emplace_back("spike_times", schema_of_either({times, schema_of_list(times)}));
    }
    forms.push_back(schema_of_map(parameters_of<DeviceKeys>(), others, {"model", "target"}));
  }
  return schema_of_either(std::move(forms));
}

Schema record_schema() {
  const Schema selection = schema_of_either({schema_of_words({"all", "none"}), text_list()});
  const auto state =
      schema_of_map(parameters_of<StateKeys>(),
                    {{"variables", selection},
                     {"neurons", schema_of_list({{"type", "integer"}, {"minimum", 0}})}},
                    {"population", "variables"});
  return schema_of_map(
      {}, {{"spikes", selection}, {"weights", selection}, {"states", schema_of_list(state)}});
}

}  // namespace

const std::vector<std::string>& simulate_keys() {
  static const std::vector<std::string> keys{"simulation", "circuit", "populations", "projections",
                                             "devices",    "record",  "statistics",  "checkpoint"};
  return keys;
}

Schema simulate_schema() {
  auto schema =
      schema_of_map({},
                    {{"simulation", schema_of_map(parameters_of<TimeSection>(), {}, {"duration"})},
                     {"circuit", schema_of_choice(circuits())},
                     {"populations", schema_of_names(population_schema())},
                     {"projections", schema_of_list(projection_schema())},
                     {"devices", schema_of_names(device_schema())},
                     {"record", record_schema()},
                     {"statistics", schema_of_map(parameters_of<StatisticsSection>())},
                     {"checkpoint", schema_of_map(parameters_of<CheckpointSection>())}},
                    {"simulation"});
  schema["anyOf"] = {{{"required", {"populations"}}}, {{"required", {"circuit"}}}};
  return schema;
}

}  // namespace ranvier
