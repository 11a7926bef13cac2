#pragma once

/// Training a spiking classifier and asking it, with and without the agent: the experiment itself,
/// apart from how it is written down and where its results go.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "experiments/datasets/dataset.hpp"
#include "networks/agent/calibration/calibration_report.hpp"
#include "networks/agent/calibration/over_time.hpp"
#include "networks/agent/calibration/reliability.hpp"
#include "networks/agent/calibration/risk_coverage.hpp"
#include "networks/agent/calibration/temperature.hpp"
#include "networks/agent/evaluation/evaluate.hpp"
#include "networks/agent/evaluation/fixed_time.hpp"
#include "networks/agent/evaluation/oracle.hpp"
#include "networks/agent/exit_rule.hpp"
#include "networks/agent/selection/exit_curve.hpp"
#include "networks/conversion.hpp"
#include "networks/inference.hpp"
#include "networks/layers/layer.hpp"
#include "networks/trainer.hpp"

namespace ranvier {

struct ClassificationSetup {
  std::string data_set;
  DataOptions data;
  Augmentation augmentation;  ///< of the samples that are trained on
  double calibration = 0.15;  ///< share of the training data that only the agent sees
  SequentialDescription network;
  std::string weights;  ///< a file of weights to start from; empty: random ones
  TrainingDescription training;
  Conversion conversion;  ///< of activations to neurons
  InferenceOptions inference;
  DecideAt decide = DecideAt::steps;       ///< when the agent is asked
  std::size_t inference_steps = 0;         ///< 0: those of training
  Choice agent{"dynamic_confidence", {}};  ///< the exit rule
  std::vector<Choice> compare;             ///< further rules, judged on the same records
  std::uint64_t seed = 1;
  unsigned threads = 1;
};

/// The three parts the data are cut into. Calibration data are taken from the training part; the
/// network is not trained on them and nothing is reported on them but the agent's own fit.
struct ClassificationData {
  LabelledData train, calibration, test;
  std::vector<std::string> notes;  ///< what the user should know of them, one sentence each
};

/// What one test sample looked like from inside.
struct ExampleRun {
  std::size_t sample = 0;
  SampleActivity activity;
  Answer answer;
};

struct ClassificationResults {
  std::vector<EpochRecord> learning;
  TrainedNetwork network;
  /// Of the test set before conversion; none for a network whose neurons were trained as such.
  std::optional<double> accuracy_ann;
  std::vector<double> balanced;  ///< thresholds of the layers, where they come from data

  std::optional<agent::ExitRule> rule;  ///< fitted to the calibration data
  /// Of every threshold, where the rule has a single one; otherwise without points.
  agent::ExitCurve calibration_curve, test_curve;
  agent::FixedTimeCurve fixed;
  agent::Evaluation offline;  ///< the agent's rule applied to the full record of the test set
  agent::Oracle oracle;
  std::vector<agent::RuleResult> comparison;  ///< the agent's rule first; empty without others
  /// At the end of the window, at temperature 1 and at the one fitted there on calibration data.
  agent::Reliability reliability_before, reliability_after;
  double final_temperature = 1.0;
  agent::CalibrationReport calibration;  ///< at the end of the window, at the fitted temperature
  agent::RiskCoverage risk_coverage;     ///< of the confidence there
  std::vector<agent::StepCalibration> over_time;  ///< at every step; empty for decisions at events
  std::vector<Answer> answers;  ///< of the test set, each run stopped by the agent
  ExampleRun example;

  double accuracy_agent = 0.0;
  double latency_agent = 0.0;  ///< steps
  double events_full = 0.0;    ///< synaptic events per inference to the end of the window
  double events_agent = 0.0;
  double train_seconds = 0.0;
  double full_seconds = 0.0;   ///< all test samples to the end of the window
  double agent_seconds = 0.0;  ///< all test samples until the agent stopped them
};

/// How a long experiment reports; all may be empty.
struct ClassificationHooks {
  std::function<void(const std::string& phase, double share)> progress;
  std::function<void(const EpochRecord&, const TrainingState&)> epoch;
  std::function<bool()> interrupted;
};

/// Loads and divides the data and checks that the network fits them; events are read once, so that
/// damaged files are found before work starts. Throws as load_data does, and InvalidValue where the
/// network's encoding or classes do not match or the augmentation does not fit.
ClassificationData load_classification_data(const ClassificationSetup& setup);

/// Trains from `state`, where that holds weights, or from the setup's file of them or from scratch,
/// then measures. What cannot be converted is refused before training. Throws Interrupted where the
/// hooks ask for it; `state` then holds all that is needed to go on.
ClassificationResults run_classification(const ClassificationSetup& setup,
                                         const ClassificationData& data, TrainingState& state,
                                         const ClassificationHooks& hooks = {});

}  // namespace ranvier
