/// The cortical microcircuit against the tables of Potjans & Diesmann 2014, Cereb. Cortex
/// 24:785-806, without building it.

#include <array>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "core/simulation.hpp"
#include "networks/circuit.hpp"
#include "networks/circuits/potjans_diesmann.hpp"
#include "tests/catch.hpp"

namespace ranvier {
namespace {

constexpr std::array names{"L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"};
constexpr std::array<double, 8> sizes{20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948};
constexpr std::array<double, 8> external{1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100};
constexpr std::array<double, 8> rates{0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829};

/// Table 5: row target, column source.
constexpr std::array<std::array<double, 8>, 8> probabilities{{
    {0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0},
    {0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0},
    {0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0},
    {0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0},
    {0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0},
    {0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0},
    {0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252},
    {0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443},
}};
constexpr double tau_syn = 0.5, background_rate = 8.0;

double synapses_of(const Network& network, const ProjectionSpec& projection) {
  const auto source = network.population_index(projection.source);
  const auto target = network.population_index(projection.target);
  return projection.rule->expected_synapses({.sources = network.populations()[source].size,
                                             .targets = network.populations()[target].size,
                                             .same_population = source == target,
                                             .autapses = projection.autapses,
                                             .multapses = projection.multapses,
                                             .random = RandomStream(0, Purpose::connectivity)});
}

std::map<std::string, double> synapse_numbers(const Network& network) {
  std::map<std::string, double> numbers;
  for (const auto& projection : network.projections()) {
    numbers[projection.name] = synapses_of(network, projection);
  }
  return numbers;
}

double real_parameter(const ValueMap& values, std::string_view name) {
  return std::get<double>(values.find(name)->second);
}

/// Mean (pA) and variance of the input to a population whose sources fire at the published rates, up
/// to the factor that is common to all inputs.
struct Input {
  double mean = 0.0, variance = 0.0;
};

Input input_of(const Network& network, std::size_t target) {
  const auto& population = network.populations()[target];
  Input input{.mean = real_parameter(population.parameters.common, "I_e")};
  const auto add = [&](double spikes_per_s, double weight) {
    input.mean += spikes_per_s * 1e-3 * weight * tau_syn;
    input.variance += spikes_per_s * weight * weight;
  };
  for (const auto& projection : network.projections()) {
    if (projection.target != population.name) continue;
    const double indegree = synapses_of(network, projection) / static_cast<double>(population.size);
    add(indegree * rates[network.population_index(projection.source)],
        *projection.weight->constant());
  }
  for (const auto& stimulus : network.stimuli()) {
    if (stimulus.target != population.name) continue;
    add(real_parameter(stimulus.parameters, "rate"), real_parameter(stimulus.parameters, "weight"));
  }
  return input;
}

const ProjectionSpec& projection(const Network& network, std::string_view name) {
  for (const auto& spec : network.projections()) {
    if (spec.name == name) return spec;
  }
  throw UnknownName(std::string(name));
}

std::string refusal(const ValueMap& parameters) {
  try {
    circuit("potjans_diesmann", parameters);
  } catch (const Error& problem) {
    return problem.what();
  }
  return "nothing was refused";
}

TEST_CASE("the full microcircuit has the published neurons and synapses") {
  const auto network = circuit("potjans_diesmann");
  CHECK(network.neurons() == 77169);
  const auto numbers = synapse_numbers(network);
  double total = 0.0;
  for (std::size_t target = 0; target < 8; ++target) {
    CHECK(network.populations()[target].name == names[target]);
    CHECK(static_cast<double>(network.populations()[target].size) == sizes[target]);
    for (std::size_t source = 0; source < 8; ++source) {
      const auto name = std::string(names[source]) + "->" + names[target];
      CAPTURE(name);
      const double pairs = sizes[source] * sizes[target], C = probabilities[target][source];
      const auto found = numbers.find(name);
      REQUIRE((found != numbers.end()) == (C > 0.0));
      if (C == 0.0) continue;
      total += found->second;
      // K synapses thrown onto all pairs leave one without any with probability (1 - 1/pairs)^K.
      // A whole number of synapses gives C to half a synapse; the published formula loses 1e-16
      // pairs of ln(1 - 1/pairs).
      const double connected = -std::expm1(found->second * std::log1p(-1.0 / pairs));
      CHECK(connected == Approx(C).margin(0.5 / pairs + 1e-16 * pairs));
    }
  }
  CHECK(numbers.size() == 55);
  CHECK(total == 298880968.0);  // of the published implementation
}

TEST_CASE("every neuron of the microcircuit receives its external spikes") {
  const auto network = circuit("potjans_diesmann");
  REQUIRE(network.stimuli().size() == 8);
  for (std::size_t i = 0; i < 8; ++i) {
    const auto& stimulus = network.stimuli()[i];
    CHECK(stimulus.target == names[i]);
    CHECK(real_parameter(stimulus.parameters, "rate") == Approx(external[i] * background_rate));
    CHECK(real_parameter(stimulus.parameters, "weight") ==
          Approx(87.8).margin(0.05));  // pA, Table 5
    CHECK(real_parameter(network.populations()[i].parameters.common, "I_e") == 0.0);
  }
}

TEST_CASE("a synapse of the microcircuit lifts the potential by 0.15 mV") {
  auto network = circuit("potjans_diesmann", {{"weight_std", 0.0}, {"scale", 0.001}});
  const double weight = *projection(network, "L4E->L5E").weight->constant();
  Network pair;
  auto cell = network.populations()[0];
  cell.name = "cell";
  cell.size = 1;
  cell.initial.clear();
  pair.add(std::move(cell));
  pair.add(StimulusSpec{.name = "spike",
                        .model = "spike_generator",
                        .target = "cell",
                        .parameters = {{"weight", weight}},
                        .spike_times = {{1.0}}});
  Simulation simulation(pair, {.resolution = 0.01, .seed = 1, .precision = "double"},
                        {{.population = "cell", .variables = {"V_m"}, .interval = 0.01}});
  simulation.run(10.0);
  double peak = -65.0;
  for (const double V : simulation.recording(0).values[0]) peak = std::max(peak, V);
  // Sampled every 0.01 ms near a maximum: off by less than V'' dt^2 / 8 < 1e-5 mV.
  CHECK(peak + 65.0 == Approx(0.15).margin(1e-5));
}

TEST_CASE(
    "weights keep their sign, those from L4E to L23E are doubled, delays take a step at least") {
  const auto network = circuit("potjans_diesmann");
  const RandomStream stream(3, Purpose::weight);
  constexpr int draws = 10000;
  const auto mean = [&](const ValueSource& source, double low, double high) {
    double sum = 0.0;
    for (std::uint64_t key = 0; key < draws; ++key) {
      const double value = source.value(key, stream);
      REQUIRE(value >= low);
      REQUIRE(value <= high);
      sum += value;
    }
    return sum / draws;
  };
  constexpr double huge = 1e4;
  // Four standard errors of a mean: 4 * 0.1 / sqrt(10000) of it.
  const auto E = Approx(87.81).epsilon(0.004);
  CHECK(mean(*projection(network, "L23E->L23E").weight, 0.0, huge) == E);
  CHECK(mean(*projection(network, "L4E->L23E").weight, 0.0, huge) / 2.0 == E);
  CHECK(mean(*projection(network, "L23I->L23E").weight, -huge, 0.0) / -4.0 == E);
  // A normal of spread s = mean / 2 cut off at 0.1 ms = mean - a s has the mean
  // mean + s phi(a) / Phi(a); four standard errors are below 4 * 0.5 / 100 of it.
  const auto cut = [](double centre) {
    const double s = 0.5 * centre, a = (centre - 0.1) / s;
    const double density = std::exp(-0.5 * a * a) / std::sqrt(2.0 * 3.14159265358979);
    return centre + s * density / (0.5 * std::erfc(-a / std::sqrt(2.0)));
  };
  CHECK(mean(*projection(network, "L4E->L23E").delay, 0.1, huge) == Approx(cut(1.5)).epsilon(0.02));
  CHECK(mean(*projection(network, "L4I->L4E").delay, 0.1, huge) == Approx(cut(0.75)).epsilon(0.02));
}

TEST_CASE("fewer synapses leave mean and variance of every input as they were") {
  const auto full = circuit("potjans_diesmann", {{"weight_std", 0.0}});
  const auto small =
      circuit("potjans_diesmann", {{"weight_std", 0.0}, {"scale", 0.2}, {"indegree_scale", 0.1}});
  CHECK(small.neurons() == 15435);  // each population rounded
  for (std::size_t i = 0; i < 8; ++i) {
    CAPTURE(names[i]);
    const auto a = input_of(full, i), b = input_of(small, i);
    // A projection has a whole number of synapses: off by half of one in thousands per neuron.
    CHECK(b.variance == Approx(a.variance).epsilon(1e-4));
    CHECK(b.mean == Approx(a.mean).margin(1e-4 * std::sqrt(a.variance)));
  }
}

TEST_CASE("a constant background has the mean of the Poisson one") {
  for (const double k : {1.0, 0.25}) {
    const ValueMap common{{"weight_std", 0.0}, {"scale", 0.1}, {"indegree_scale", k}};
    auto constant = common;
    constant["drive"] = std::string("dc");
    const auto a = circuit("potjans_diesmann", common), b = circuit("potjans_diesmann", constant);
    CHECK(b.stimuli().empty());
    for (std::size_t i = 0; i < 8; ++i) {
      CHECK(input_of(b, i).mean == Approx(input_of(a, i).mean).epsilon(1e-12));
    }
  }
}

TEST_CASE("a thalamus of 902 neurons joins where it has a rate") {
  const auto network = circuit("potjans_diesmann", {{"thalamic_rate", 120.0}});
  CHECK(network.neurons() == 77169 + 902);
  const auto numbers = synapse_numbers(network);
  CHECK(numbers.size() == 59);
  for (const auto& [target, size, C] : {std::tuple("L4E", 21915.0, 0.0983),
                                        {"L4I", 5479.0, 0.0619},
                                        {"L6E", 14395.0, 0.0512},
                                        {"L6I", 2948.0, 0.0196}}) {
    const double pairs = 902.0 * size;
    const double connected =
        -std::expm1(numbers.at(std::string("TH->") + target) * std::log1p(-1.0 / pairs));
    CHECK(connected == Approx(C).margin(0.5 / pairs + 1e-16 * pairs));
  }
}

TEST_CASE("what the microcircuit cannot be is refused by name") {
  CHECK(refusal({{"scale", 0.0}}).find("scale of potjans_diesmann is 0") != std::string::npos);
  CHECK(refusal({{"scale", 1.5}}).find("1.5") != std::string::npos);
  CHECK(refusal({{"scale", 1e-4}}).find("leaves L5E no neuron") != std::string::npos);
  CHECK(refusal({{"scal", 1.0}}).find("did you mean 'scale'?") != std::string::npos);
  CHECK(refusal({{"drive", std::string("current")}}).find("poisson, dc") != std::string::npos);
  CHECK(refusal({{"shortest_delay", 100.0}}).find("delays of potjans_diesmann") !=
        std::string::npos);
  CHECK_THROWS_AS(circuit("potjans_diesman"), UnknownName);
}

}  // namespace
}  // namespace ranvier
