/// A trained network answers the same in every runtime.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "core/simulation.hpp"
#include "networks/agent/record/decisions.hpp"
#include "networks/inference.hpp"
#include "networks/presenter.hpp"
#include "networks/sequential.hpp"
#include "networks/trainer.hpp"
#include "plasticity/loss.hpp"
#include "tests/catch.hpp"
#include "tests/networks/exit_rules.hpp"

namespace ranvier {
namespace {

constexpr std::size_t inputs = 12;
constexpr std::size_t classes = 3;

struct Samples {
  std::vector<float> values;
  std::vector<std::uint8_t> labels;

  ArrayExamples examples() const { return {values, labels}; }
};

/// Noisy copies of one random pattern per class.
Samples make_samples(std::size_t count, std::uint64_t seed) {
  const RandomStream patterns(1, Purpose::split, 1), noise(seed, Purpose::split, 2);
  Samples samples;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::uint8_t>(i % classes);
    for (std::uint32_t j = 0; j < inputs; ++j) {
      const double mean = patterns.at(label, j).uniform();
      const double value = mean + 0.15 * noise.at(i, j).normal();
      samples.values.push_back(static_cast<float>(std::clamp(value, 0.0, 1.0)));
    }
    samples.labels.push_back(label);
  }
  return samples;
}

SequentialDescription description(const std::string& encoding, const std::string& hidden,
                                  const ValueMap& parameters, bool spiking_output) {
  SequentialDescription network;
  network.inputs = inputs;
  network.steps = 12;
  network.encoding = {encoding, {}};
  network.layers.resize(3);
  for (std::size_t l = 0; l < 2; ++l) {
    network.layers[l].name = l == 0 ? "first" : "second";
    network.layers[l].size = l == 0 ? 20 : 15;
    network.layers[l].model = hidden;
    network.layers[l].model_parameters.common = parameters;
  }
  network.layers[2].name = "output";
  network.layers[2].size = classes;
  network.layers[2].model = spiking_output ? "lif" : "leaky_integrator";
  network.loss = {spiking_output ? "spike_count" : "last_membrane", {}};
  return network;
}

Sequential<float> trained_network(const SequentialDescription& described, const Samples& samples) {
  Sequential<float> network(described, 5);
  TrainingDescription training;
  training.parameters.epochs = 4;
  training.parameters.batch_size = 16;
  training.optimiser = {"adam", {{"learning_rate", 0.01}}};
  TrainingState state;
  fit(network, samples.examples(), ArrayExamples{}, training, 1, state);
  return network;
}

/// The trained network in double, as the runtimes of simulation compute.
Sequential<double> in_double(const Sequential<float>& network) {
  Sequential<double> twin(network.description(), 0);
  std::ranges::copy(network.parameters(), twin.parameters().begin());
  return twin;
}

/// Spikes per layer and class scores per step of one sample in the gradient runtime.
struct GradientRun {
  std::vector<std::uint64_t> spikes;
  std::vector<double> scores;
};

GradientRun run_gradient(const Sequential<double>& network, std::span<const float> sample,
                         std::uint32_t index, std::uint64_t seed) {
  SequentialTrace<double> trace;
  trace.samples = {index};
  trace.values.assign(sample.begin(), sample.end());
  network.forward(seed, 0, trace);
  GradientRun run;
  for (std::size_t l = 0; l < network.description().layers.size(); ++l) {
    const auto output = network.layer_output(l, trace);
    const double sum = std::accumulate(output.begin(), output.end(), 0.0);
    run.spikes.push_back(network.layer(l).spiking ? static_cast<std::uint64_t>(sum) : 0);
  }
  run.scores.resize(network.steps() * classes);
  const auto& loss = network.description().loss;
  losses()
      .at(loss.name)
      .make<double>(loss.parameters)
      ->scores_over_time(network.output(trace), run.scores);
  return run;
}

void require_same_answers(const SequentialDescription& described, const std::string& runtime) {
  const auto samples = make_samples(45, 3);
  const auto network = trained_network(described, samples);
  const auto twin = in_double(network);
  const auto circuit = trained(network);
  const InferenceOptions options{.runtime = runtime, .seed = 9};
  Presenter presenter(circuit, options);
  std::uint64_t all_spikes = 0;
  for (std::uint32_t i = 0; i < samples.labels.size(); ++i) {
    const auto sample = std::span(samples.values).subspan(i * inputs, inputs);
    const auto expected = run_gradient(twin, sample, i, options.seed);
    presenter.show(sample, i);
    for (std::size_t t = 0; t < described.steps; ++t) {
      presenter.advance();
      const auto scores = presenter.scores();
      const auto wanted = std::span(expected.scores).subspan(t * classes, classes);
      CHECK(predicted_class(scores) == predicted_class(wanted));
      // The membranes differ by the rounding of sums taken in another order.
      for (std::size_t k = 0; k < classes; ++k) CHECK(std::abs(scores[k] - wanted[k]) < 1e-9);
    }
    for (std::size_t l = 0; l < described.layers.size(); ++l) {
      if (described.layers[l].model == no_model) continue;
      const auto count = presenter.simulation().spike_count(described.layers[l].name);
      CHECK(count == expected.spikes[l]);
      all_spikes += count;
    }
  }
  REQUIRE(all_spikes > 500);  // silent layers would agree about nothing
}

}  // namespace

TEST_CASE("a trained network decides and spikes in clock and event as it did in gradient") {
  for (const std::string runtime : {"clock", "event"}) {
    for (const std::string encoding : {"current", "poisson", "latency"}) {
      DYNAMIC_SECTION(encoding << " input in " << runtime) {
        // One spike per input leaves little current: a low threshold keeps the layers busy.
        const double V_th = encoding == "latency" ? 0.2 : 1.0;
        require_same_answers(description(encoding, "lif", {{"tau_m", 5.0}, {"V_th", V_th}}, false),
                             runtime);
      }
    }
    DYNAMIC_SECTION("hard reset in " << runtime) {
      require_same_answers(
          description("current", "lif", {{"tau_m", 5.0}, {"reset", std::string("hard")}}, false),
          runtime);
    }
    DYNAMIC_SECTION("neurons with a drive of their own in " << runtime) {
      require_same_answers(description("current", "lif", {{"tau_m", 5.0}, {"I_e", 0.15}}, false),
                           runtime);
    }
    DYNAMIC_SECTION("refractory neurons in " << runtime) {
      require_same_answers(description("current", "lif", {{"tau_m", 5.0}, {"t_ref", 2.0}}, false),
                           runtime);
    }
    DYNAMIC_SECTION("adaptive thresholds in " << runtime) {
      require_same_answers(description("current", "alif", {}, false), runtime);
    }
    DYNAMIC_SECTION("neurons without leak in " << runtime) {
      require_same_answers(description("current", "integrate_and_fire", {}, false), runtime);
    }
    DYNAMIC_SECTION("recurrent neurons with trained parameters in " << runtime) {
      auto described = description("poisson", "lif", {{"tau_m", 5.0}}, false);
      described.layers[0].recurrent = true;
      described.layers[0].trained = {"tau_m", "V_th"};
      described.layers[1].add = "twin";
      auto twin = described.layers[1];
      twin.name = "twin";
      twin.add = {};
      twin.model = no_model;
      described.layers.insert(described.layers.begin() + 1, twin);
      described.layers[2].input = "first";
      require_same_answers(described, runtime);
    }
    DYNAMIC_SECTION("output by spike count in " << runtime) {
      require_same_answers(description("current", "lif", {{"tau_m", 5.0}}, true), runtime);
    }
  }
}

TEST_CASE("inference on no threads is refused") {
  const auto samples = make_samples(5, 1);
  const auto network =
      trained_network(description("current", "lif", {{"tau_m", 5.0}}, false), samples);
  REQUIRE_THROWS_WITH(Inference(trained(network), {.threads = 0}),
                      Catch::Contains("0 threads; expected at least 1"));
}

TEST_CASE("an agent that stops early answers what the record of the full run says") {
  const auto samples = make_samples(60, 4);
  const auto network =
      trained(trained_network(description("current", "lif", {{"tau_m", 5.0}}, false), samples));
  const auto rule = test::dynamic_confidence(2.0, 0.7);
  for (const unsigned threads : {1u, 2u}) {
    Inference inference(network, {.runtime = "event", .threads = threads});
    const auto trace = inference.record_trace(samples.examples());
    const auto decisions = agent::decisions_of(trace, 2.0);
    const auto stops = agent::stopping_points(decisions, 0.7);
    const auto answers = inference.answer(samples.examples(), rule);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      CHECK(answers[i].latency == decisions.time[stops[i]]);
      CHECK(answers[i].synaptic_events == decisions.events[stops[i]]);
      CHECK((answers[i].prediction == samples.labels[i]) == (decisions.correct[stops[i]] == 1));
    }
  }
}

TEST_CASE("in continuous time the agent decides at output events and ends the run there") {
  const auto samples = make_samples(60, 5);
  const auto network =
      trained(trained_network(description("current", "lif", {{"tau_m", 5.0}}, false), samples));
  Inference inference(network, {.runtime = "event", .on_grid = false, .threads = 2});
  const auto trace = inference.record_event_trace(samples.examples());
  const auto decisions = agent::decisions_of(trace, 0.5);
  const auto stops = agent::stopping_points(decisions, 0.6);
  const auto answers =
      inference.answer(samples.examples(), test::dynamic_confidence(0.5, 0.6), DecideAt::events);
  std::size_t between_steps = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CHECK(answers[i].latency == decisions.time[stops[i]]);
    CHECK(answers[i].synaptic_events == decisions.events[stops[i]]);
    between_steps += answers[i].latency != std::round(answers[i].latency) ? 1 : 0;
  }
  CHECK(between_steps > answers.size() / 2);
}

namespace {

void require_independent_answers(const TrainedNetwork& network, const Samples& samples,
                                 InferenceOptions options) {
  const auto examples = samples.examples();
  const auto rule = test::dynamic_confidence(0.5, 0.6);
  const auto trace = Inference(network, options).record_trace(examples);
  const auto answers = Inference(network, options).answer(examples, rule);

  Inference kept(network, options);
  const auto require_same = [&] {
    REQUIRE(kept.answer(examples, rule) == answers);
    REQUIRE(kept.record_trace(examples).scores == trace.scores);
    REQUIRE(kept.record_trace(examples).events == trace.events);
  };
  require_same();
  // In another order, each after a run that went to its end.
  for (std::size_t i = examples.size(); i-- > 0;) {
    const auto last = trace.at(network.description.steps - 1, i);
    CHECK(std::ranges::equal(kept.observe(examples, i).scores.back(), last));
  }
  // After runs that end between steps.
  if (options.runtime == "event") kept.answer(examples, rule, DecideAt::events);
  require_same();
  const std::vector<float> too_short(5);
  const std::vector<std::uint8_t> label{0};
  CHECK_THROWS_AS(kept.answer(ArrayExamples(too_short, label), rule), InvalidValue);
  CHECK_THROWS_AS(kept.answer(examples, agent::exit_rule("top_k_gap")), InvalidValue);
  CHECK_THROWS_AS(
      kept.answer(examples, rule, DecideAt::steps, [](std::size_t i) { return i > 20; }),
      Interrupted);
  require_same();
}

}  // namespace

TEST_CASE("a kept circuit answers as a new one, whatever it was shown before") {
  for (const std::string runtime : {"clock", "event"}) {
    for (const std::string encoding : {"current", "poisson", "latency"}) {
      const auto samples = make_samples(60, 7);
      const double V_th = encoding == "latency" ? 0.2 : 1.0;
      const auto network = trained(trained_network(
          description(encoding, "lif", {{"tau_m", 5.0}, {"V_th", V_th}}, false), samples));
      for (const unsigned threads : {1u, 2u}) {
        DYNAMIC_SECTION(encoding << " input in " << runtime << " on " << threads << " threads") {
          require_independent_answers(network, samples,
                                      {.runtime = runtime, .threads = threads, .seed = 9});
        }
      }
    }
  }
}

TEST_CASE("the answers of a kept circuit do not depend on the number of threads") {
  const auto samples = make_samples(60, 8);
  const auto network =
      trained(trained_network(description("poisson", "lif", {{"tau_m", 5.0}}, false), samples));
  const auto rule = test::dynamic_confidence(0.5, 0.6);
  Inference one(network, {.threads = 1}), two(network, {.threads = 2});
  for (int call = 0; call < 2; ++call) {
    CHECK(one.answer(samples.examples(), rule) == two.answer(samples.examples(), rule));
  }
}

TEST_CASE("what cannot be deployed is refused by name") {
  const auto samples = make_samples(9, 6);
  auto network =
      trained(trained_network(description("current", "lif", {{"tau_m", 5.0}}, false), samples));

  SECTION("a model that training does not drive") {
    network.layers[1].model = "iaf_psc_exp";
    CHECK_THROWS_WITH(
        deployed(network, InputKind::current),
        Catch::Matchers::Contains("second") && Catch::Matchers::Contains("iaf_psc_exp"));
  }
  SECTION("layers that do not chain") {
    network.layers.erase(network.layers.begin() + 1);
    CHECK_THROWS_AS(deployed(network, InputKind::current), InvalidValue);
  }
  SECTION("samples of another size") {
    const std::vector<float> values(5);
    const std::vector<std::uint8_t> labels{0};
    CHECK_THROWS_AS(Inference(network).record_trace(ArrayExamples(values, labels)), InvalidValue);
  }
  SECTION("decisions at events in the clock runtime") {
    CHECK_THROWS_AS(Inference(network, {.runtime = "clock"}).record_event_trace(samples.examples()),
                    Unsupported);
  }
}

}  // namespace ranvier
