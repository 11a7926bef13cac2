#include "networks/agent/calibration/calibration_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/agent/confidence.hpp"

namespace ranvier::agent {
namespace {

/// Every error, to be treated alike.
constexpr std::array every_error{
    &CalibrationErrors::ece,          &CalibrationErrors::mce,           &CalibrationErrors::ace,
    &CalibrationErrors::adaptive_ece, &CalibrationErrors::classwise_ece, &CalibrationErrors::nll,
    &CalibrationErrors::brier};

void check(const Predictions& predictions) {
  const auto entries = predictions.samples() * predictions.classes;
  if (predictions.samples() == 0 || predictions.probabilities.size() != entries) {
    throw InvalidValue(fmt::format(
        "{} probabilities were given for {} labels and {} classes; expected {}, at least one row",
        predictions.probabilities.size(), predictions.samples(), predictions.classes, entries));
  }
  for (const auto label : predictions.labels) {
    if (label < predictions.classes) continue;
    throw InvalidValue(fmt::format("a label is {}; expected less than {}, the number of classes",
                                   label, predictions.classes));
  }
}

/// Confidence and outcome of the answers.
struct Answers {
  std::vector<double> confidence;
  std::vector<std::uint8_t> correct;
};

Answers answers_of(const Predictions& predictions, std::span<const std::uint32_t> rows) {
  Answers answers;
  for (const auto row : rows) {
    const auto p = predictions.at(row);
    const auto best = argmax(p);
    answers.confidence.push_back(p[best]);
    answers.correct.push_back(best == predictions.labels[row] ? 1 : 0);
  }
  return answers;
}

double classwise_ece(const Predictions& predictions, std::span<const std::uint32_t> rows,
                     std::size_t bins) {
  double sum = 0.0;
  std::vector<double> confidence(rows.size());
  std::vector<std::uint8_t> correct(rows.size());
  for (std::size_t k = 0; k < predictions.classes; ++k) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      confidence[i] = predictions.at(rows[i])[k];
      correct[i] = predictions.labels[rows[i]] == k ? 1 : 0;
    }
    sum += reliability(confidence, correct, bins).ece;
  }
  return sum / static_cast<double>(predictions.classes);
}

void add_proper_scores(const Predictions& predictions, std::span<const std::uint32_t> rows,
                       CalibrationErrors& errors) {
  for (const auto row : rows) {
    const auto p = predictions.at(row);
    const auto label = predictions.labels[row];
    errors.nll -= std::log(std::max(p[label], std::numeric_limits<double>::min()));
    for (std::size_t k = 0; k < p.size(); ++k) {
      const double miss = p[k] - (k == label ? 1.0 : 0.0);
      errors.brier += miss * miss;
    }
  }
  errors.nll /= static_cast<double>(rows.size());
  errors.brier /= static_cast<double>(rows.size());
}

std::vector<std::uint32_t> all_rows(const Predictions& predictions) {
  std::vector<std::uint32_t> rows(predictions.samples());
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

/// ECE of outcomes drawn as the confidences say.
double simulated_ece(const Answers& answers, Draws draws, std::size_t bins) {
  std::vector<std::uint8_t> drawn;
  for (const double c : answers.confidence) drawn.push_back(draws.uniform() < c ? 1 : 0);
  return reliability(answers.confidence, drawn, bins).ece;
}

}  // namespace

Predictions predictions_of(std::span<const LabelledScores> rows, double temperature) {
  check_temperature(temperature);
  if (rows.empty()) throw InvalidValue("predictions were asked for of no samples");
  Predictions result{.classes = rows.front().scores.size(), .probabilities = {}, .labels = {}};
  result.probabilities.resize(rows.size() * result.classes);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    softmax(rows[i].scores, temperature,
            std::span(result.probabilities).subspan(i * result.classes, result.classes));
    result.labels.push_back(rows[i].label);
  }
  return result;
}

CalibrationErrors calibration_errors(const Predictions& predictions,
                                     std::span<const std::uint32_t> rows, std::size_t bins) {
  check(predictions);
  const auto answers = answers_of(predictions, rows);
  const auto even = reliability(answers.confidence, answers.correct, bins);
  CalibrationErrors errors{.ece = even.ece, .mce = even.mce, .ace = even.ace};
  errors.adaptive_ece = adaptive_reliability(answers.confidence, answers.correct, bins).ece;
  errors.classwise_ece = classwise_ece(predictions, rows, bins);
  add_proper_scores(predictions, rows, errors);
  return errors;
}

CalibrationReport calibration_report(const Predictions& predictions,
                                     const BootstrapOptions& options, std::size_t bins) {
  check(options);
  const auto rows = all_rows(predictions);
  CalibrationReport report{.value = calibration_errors(predictions, rows, bins)};
  const auto answers = answers_of(predictions, rows);
  std::vector<CalibrationErrors> replicates;
  std::vector<double> calibrated;
  for (std::size_t r = 0; r < options.replicates; ++r) {
    replicates.push_back(calibration_errors(predictions, resampled(rows.size(), options, r), bins));
    calibrated.push_back(simulated_ece(answers, bootstrap_draws(options, 1, r), bins));
  }
  for (const auto error : every_error) {
    std::vector<double> values;
    for (const auto& replicate : replicates) values.push_back(replicate.*error);
    const auto interval = percentile_interval(std::move(values), options.level);
    report.lower.*error = interval.lower;
    report.upper.*error = interval.upper;
  }
  report.ece_if_calibrated = std::accumulate(calibrated.begin(), calibrated.end(), 0.0) /
                             static_cast<double>(calibrated.size());
  report.ece_if_calibrated_interval = percentile_interval(std::move(calibrated), options.level);
  return report;
}

}  // namespace ranvier::agent
