#include "networks/circuits/potjans_diesmann.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/circuit.hpp"
#include "networks/connection_rules.hpp"
#include "networks/distribution.hpp"

namespace ranvier {
namespace {

/// Rates are the means of a run at full scale, the working point that the compensation keeps. The
/// optimised initial potentials let the network start close to it, without a burst; they are those of
/// the implementation maintained by the authors' institute (INM-6/microcircuit-PD14-model).
struct Population {
  const char* name;
  std::size_t neurons;
  std::int64_t external_indegree;
  double V_mean, V_std;  ///< mV
  double thalamic_probability;
  double rate;  ///< Hz
};

constexpr std::size_t population_count = 8;
constexpr std::array<Population, population_count> published{{
    {"L23E", 20683, 1600, -68.28, 5.36, 0.0, 0.903},
    {"L23I", 5834, 1500, -63.16, 4.57, 0.0, 2.965},
    {"L4E", 21915, 2100, -63.33, 4.74, 0.0983, 4.414},
    {"L4I", 5479, 1900, -63.45, 4.94, 0.0619, 5.876},
    {"L5E", 4850, 2000, -63.11, 4.94, 0.0, 7.569},
    {"L5I", 1065, 1900, -61.66, 4.55, 0.0, 8.633},
    {"L6E", 14395, 2900, -66.72, 5.46, 0.0512, 1.105},
    {"L6I", 2948, 2100, -61.43, 4.48, 0.0196, 7.829},
}};

/// Probability that a source (column) has at least one synapse onto a target (row): Table 5.
constexpr double connection_probability[population_count][population_count] = {
    {0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0},
    {0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0},
    {0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0},
    {0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0},
    {0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0},
    {0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0},
    {0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252},
    {0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443},
};
constexpr std::size_t L23E = 0, L4E = 2;

constexpr double C_m = 250.0, tau_m = 10.0, tau_syn = 0.5;  // pF, ms, ms
constexpr double E_L = -65.0, V_th = -50.0;                 // mV
constexpr double original_V_mean = -58.0, original_V_std = 10.0;
constexpr std::size_t thalamic_neurons = 902, fewest_neurons = thalamic_neurons;
constexpr const char* thalamus = "TH";

bool is_inhibitory(std::size_t population) { return population % 2 == 1; }

/// Synapses of a projection whose pairs are connected at least once with probability C:
/// K = ln(1 - C) / ln(1 - 1/(N_pre N_post)). Taken literally (log1p would round two of the published
/// numbers the other way).
double total_synapses(double probability, std::size_t sources, std::size_t targets) {
  const double pairs = static_cast<double>(sources) * static_cast<double>(targets);
  return std::round(std::log(1.0 - probability) / std::log(1.0 - 1.0 / pairs));
}

/// Step of the synaptic current in pA whose potential peaks at 1 mV: the maximum over t of
/// (tau_m tau_syn / (tau_m - tau_syn)) (exp(-t/tau_m) - exp(-t/tau_syn)) / C_m is one over it.
double current_per_potential() {
  const double tau = tau_m * tau_syn / (tau_m - tau_syn);
  const double peak = tau * std::log(tau_m / tau_syn);
  return C_m / (tau * (std::exp(-peak / tau_m) - std::exp(-peak / tau_syn)));
}

/// The circuit under some parameters, quantity by quantity. Currents in pA.
class Microcircuit {
 public:
  Microcircuit(const PotjansDiesmann& parameters, std::string_view where)
      : p_(parameters), where_(where), unit_weight_(p_.psp * current_per_potential()) {}

  Network network() const {
    Network network;
    for (std::size_t i = 0; i < population_count; ++i) add_population(network, i);
    for (std::size_t target = 0; target < population_count; ++target) {
      for (std::size_t source = 0; source < population_count; ++source) {
        add_projection(network, source, target);
      }
    }
    if (p_.drive == PotjansDiesmann::poisson) {
      for (std::size_t i = 0; i < population_count; ++i) add_background(network, i);
    }
    if (p_.thalamic_rate > 0.0) add_thalamus(network);
    return network;
  }

 private:
  std::size_t scaled(std::size_t neurons, const char* name) const {
    const double left = std::round(p_.scale * static_cast<double>(neurons));
    if (left >= 1.0) return static_cast<std::size_t>(left);
    throw InvalidValue(
        fmt::format("scale of {} is {}, which leaves {} no neuron; expected at least {:.1e}",
                    where_, p_.scale, name, 0.5 / static_cast<double>(fewest_neurons)));
  }

  std::size_t size(std::size_t population) const {
    return scaled(published[population].neurons, published[population].name);
  }

  /// Synapses onto one neuron at full scale.
  static double full_indegree(std::size_t source, std::size_t target) {
    const auto N = published[target].neurons;
    return total_synapses(connection_probability[target][source], published[source].neurons, N) /
           static_cast<double>(N);
  }

  double full_weight(std::size_t source, std::size_t target) const {
    if (is_inhibitory(source)) return -p_.g * unit_weight_;
    return source == L4E && target == L23E ? 2.0 * unit_weight_ : unit_weight_;
  }

  double compensated(double weight) const { return weight / std::sqrt(p_.indegree_scale); }

  /// Mean current of synapses that receive spikes at `rate` Hz: K w r tau_syn.
  static double mean_current(double indegree, double weight, double rate) {
    return indegree * weight * rate * 1e-3 * tau_syn;
  }

  double full_background(std::size_t target) const {
    return mean_current(static_cast<double>(published[target].external_indegree), unit_weight_,
                        p_.background_rate);
  }

  /// In-degrees k K and weights w / sqrt(k) give sqrt(k) of the mean; the rest comes as a constant
  /// current (van Albada et al. 2015), and so does the whole background without Poisson.
  double constant_current(std::size_t target) const {
    double synaptic = 0.0;
    for (std::size_t source = 0; source < population_count; ++source) {
      synaptic += mean_current(full_indegree(source, target), full_weight(source, target),
                               published[source].rate);
    }
    const double missing = 1.0 - std::sqrt(p_.indegree_scale);
    const double background = full_background(target);
    return missing * synaptic +
           (p_.drive == PotjansDiesmann::poisson ? missing * background : background);
  }

  ValueSourcePtr initial_potential(std::size_t population) const {
    const auto normal = [](double mean, double std) {
      return distributions().at("normal").make({{"mean", mean}, {"std", std}}, "V_m");
    };
    if (p_.initial == PotjansDiesmann::rest) return constant_value(E_L);
    if (p_.initial == PotjansDiesmann::original) return normal(original_V_mean, original_V_std);
    return normal(published[population].V_mean, published[population].V_std);
  }

  void add_population(Network& network, std::size_t i) const {
    network.add(PopulationSpec{.name = published[i].name,
                               .model = "iaf_psc_exp",
                               .size = size(i),
                               .parameters = {.common = {{"C_m", C_m},
                                                         {"tau_m", tau_m},
                                                         {"tau_syn_ex", tau_syn},
                                                         {"tau_syn_in", tau_syn},
                                                         {"t_ref", 2.0},
                                                         {"E_L", E_L},
                                                         {"V_reset", E_L},
                                                         {"V_th", V_th},
                                                         {"I_e", constant_current(i)}},
                                              .per_neuron = {}},
                               .initial = {{"V_m", initial_potential(i)}}});
  }

  /// Clipped at zero, so that no synapse changes its sign.
  ValueSourcePtr weight(double mean) const {
    if (p_.weight_std == 0.0) return constant_value(mean);
    return distributions()
        .at("normal_clipped")
        .make({{"mean", mean},
               {"std", p_.weight_std * std::abs(mean)},
               {mean < 0.0 ? "high" : "low", 0.0}},
              fmt::format("the weights of {}", where_));
  }

  ValueSourcePtr delay(double mean) const {
    return distributions()
        .at("normal_redrawn")
        .make({{"mean", mean}, {"std", p_.delay_std * mean}, {"low", p_.shortest_delay}},
              fmt::format("the delays of {}", where_));
  }

  void connect(Network& network, const char* source, std::size_t target, double indegree,
               double mean_weight, double mean_delay) const {
    const auto number = static_cast<std::int64_t>(
        std::round(indegree * p_.indegree_scale * static_cast<double>(size(target))));
    if (number == 0) return;
    network.add(ProjectionSpec{.source = source,
                               .target = published[target].name,
                               .rule = connection_rule("fixed_total_number", {{"number", number}}),
                               .weight = weight(compensated(mean_weight)),
                               .delay = delay(mean_delay),
                               .port = mean_weight < 0.0 ? "inhibitory" : "excitatory"});
  }

  void add_projection(Network& network, std::size_t source, std::size_t target) const {
    connect(network, published[source].name, target, full_indegree(source, target),
            full_weight(source, target), is_inhibitory(source) ? p_.delay_inh : p_.delay_exc);
  }

  void add_background(Network& network, std::size_t i) const {
    const double trains = static_cast<double>(published[i].external_indegree) * p_.indegree_scale;
    network.add(StimulusSpec{.name = fmt::format("background_{}", published[i].name),
                             .model = "poisson_generator",
                             .target = published[i].name,
                             .parameters = {{"rate", trains * p_.background_rate},
                                            {"weight", compensated(unit_weight_)}}});
  }

  void add_thalamus(Network& network) const {
    network.add(PopulationSpec{
        .name = thalamus, .model = "parrot", .size = scaled(thalamic_neurons, thalamus)});
    network.add(StimulusSpec{.name = "thalamic_spikes",
                             .model = "poisson_generator",
                             .target = thalamus,
                             .parameters = {{"rate", p_.thalamic_rate},
                                            {"start", p_.thalamic_start},
                                            {"stop", p_.thalamic_start + p_.thalamic_duration}}});
    for (std::size_t i = 0; i < population_count; ++i) {
      const auto N = published[i].neurons;
      const double indegree =
          total_synapses(published[i].thalamic_probability, thalamic_neurons, N) /
          static_cast<double>(N);
      connect(network, thalamus, i, indegree, unit_weight_, p_.delay_exc);
    }
  }

  const PotjansDiesmann& p_;
  std::string_view where_;
  double unit_weight_;  ///< of an excitatory synapse at full scale
};

const auto& registered = add_circuit<PotjansDiesmann>(
    "potjans_diesmann", "cortical microcircuit below 1 mm2: 77,169 neurons, 299 million synapses",
    "Potjans & Diesmann 2014, Cereb. Cortex 24:785-806", potjans_diesmann);

}  // namespace

std::vector<Field<PotjansDiesmann>> PotjansDiesmann::fields() {
  using P = PotjansDiesmann;
  constexpr Bounds share{.lower = 0.0, .upper = 1.0, .lower_open = true};
  return {
      real("scale", &P::scale, "", share, "share of the published neurons"),
      real("indegree_scale", &P::indegree_scale, "", share,
           "share of the published synapses onto a neuron; weights and a current compensate"),
      choice("drive", &P::drive, {"poisson", "dc"},
             "background as Poisson spikes, or as their mean current"),
      choice("initial", &P::initial, {"optimised", "original", "rest"},
             "initial potentials: normal per population, close to the stationary state; normal "
             "with mean -58 and std 10 mV for all, as published; at rest"),
      real("background_rate", &P::background_rate, "Hz", non_negative,
           "rate of each external synapse"),
      real("psp", &P::psp, "mV", positive,
           "peak of the mean excitatory potential; twice that from L4E to L23E"),
      real("g", &P::g, "", non_negative, "inhibitory over excitatory weight"),
      real("weight_std", &P::weight_std, "", non_negative,
           "standard deviation of weights over their mean; clipped at 0"),
      real("delay_exc", &P::delay_exc, "ms", positive, "mean delay of excitatory synapses"),
      real("delay_inh", &P::delay_inh, "ms", positive, "mean delay of inhibitory synapses"),
      real("delay_std", &P::delay_std, "", non_negative,
           "standard deviation of delays over their mean"),
      real("shortest_delay", &P::shortest_delay, "ms", positive,
           "shorter delays are drawn again; at least the step of the clock"),
      real("thalamic_rate", &P::thalamic_rate, "Hz", non_negative,
           "rate of each of 902 thalamic neurons while they fire, 120 in the paper; 0: none"),
      real("thalamic_start", &P::thalamic_start, "ms", non_negative, "when the thalamus begins"),
      real("thalamic_duration", &P::thalamic_duration, "ms", positive, "for how long it fires"),
  };
}

Network potjans_diesmann(const PotjansDiesmann& parameters, std::string_view where) {
  return Microcircuit(parameters, where).network();
}

}  // namespace ranvier
