#include "plasticity/loss.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "plasticity/focal_loss.hpp"
#include "plasticity/readout.hpp"

namespace ranvier {
namespace {

struct CrossEntropyParameters {
  double temperature = 1.0;
  double label_smoothing = 0.0;
  int focal = static_cast<int>(Focal::none);
  double gamma = 3.0;

  static std::vector<Field<CrossEntropyParameters>> fields() { return fields_of<>(); }

  template <class P = CrossEntropyParameters>
  static std::vector<Field<P>> fields_of() {
    return {real<P>("temperature", &P::temperature, "", positive,
                    "scores are divided by it before the softmax"),
            real<P>("label_smoothing", &P::label_smoothing, "", unit_interval,
                    "share of the target spread evenly over all classes"),
            choice<P>("focal", &P::focal, {"none", "focal", "dual_focal"},
                      "weighs samples down that are right already, for better calibration; not "
                      "together with label_smoothing"),
            real<P>("gamma", &P::gamma, "", non_negative,
                    "exponent of that weight, used where focal is not none; 0 is cross-entropy")};
  }
};

struct EveryStepParameters : CrossEntropyParameters {
  int readout = static_cast<int>(Readout::sum);
  double mse_share = 0.0;
  double mse_target = 1.0;

  static std::vector<Field<EveryStepParameters>> fields() {
    auto fields = fields_of<EveryStepParameters>();
    fields.push_back(choice("readout", &EveryStepParameters::readout,
                            {"last", "mean", "max", "sum"},
                            "score of a class after a step: function of its output so far"));
    fields.push_back(real<EveryStepParameters>(
        "mse_share", &EveryStepParameters::mse_share, "", unit_interval,
        "share of the loss that is the mean square distance of all scores from mse_target"));
    fields.push_back(real<EveryStepParameters>("mse_target", &EveryStepParameters::mse_target, "",
                                               any_real, "score that mse_share pulls towards"));
    return fields;
  }
};

std::size_t sample_name(const Labels& labels, std::size_t sample) {
  return labels.samples.empty() ? sample : labels.samples[sample];
}

template <class Real>
void check_shape(const Output<Real>& output) {
  const auto expected = output.steps * output.samples * output.classes;
  if (output.steps == 0 || output.classes == 0 || output.values.size() != expected) {
    throw InvalidValue(fmt::format(
        "the output of {} steps, {} samples and {} classes has {} values; expected at least one "
        "step and class and {} values",
        output.steps, output.samples, output.classes, output.values.size(), expected));
  }
}

template <class Real>
void check_labels(const Output<Real>& output, const Labels& labels, std::span<const Real> grad) {
  if (labels.classes.size() != output.samples ||
      (!labels.samples.empty() && labels.samples.size() != output.samples)) {
    throw InvalidValue(fmt::format("the loss of {} samples got {} labels; expected one each",
                                   output.samples, labels.classes.size()));
  }
  if (!grad.empty() && grad.size() != output.values.size()) {
    throw InvalidValue(
        fmt::format("the gradient of a loss has room for {} values; expected {} as in the output",
                    grad.size(), output.values.size()));
  }
  for (std::size_t b = 0; b < output.samples; ++b) {
    if (labels.classes[b] >= output.classes) {
      throw InvalidValue(
          fmt::format("label of sample {} is {}; expected less than {}, the number "
                      "of classes",
                      sample_name(labels, b), labels.classes[b], output.classes));
    }
  }
}

template <class Real>
void check_finite(const Output<Real>& output, const Labels& labels) {
  for (std::size_t i = 0; i < output.values.size(); ++i) {
    if (std::isfinite(output.values[i])) continue;
    const auto row = i / output.classes;
    throw InvalidValue(fmt::format(
        "output of class {} at step {} of sample {} is {}; expected a finite number (a smaller "
        "learning rate keeps weights from diverging)",
        i % output.classes, row / output.samples + 1, sample_name(labels, row % output.samples),
        output.values[i]));
  }
}

/// Loss of a class distribution that `scores` define against a label; writes the gradient.
double cross_entropy(const CrossEntropyParameters& p, std::span<const double> scores,
                     std::size_t label, std::span<double> grad) {
  const double highest = *std::ranges::max_element(scores);
  double sum = 0.0;
  for (std::size_t k = 0; k < scores.size(); ++k) {
    grad[k] = std::exp((scores[k] - highest) / p.temperature);
    sum += grad[k];
  }
  const double log_sum = std::log(sum);
  double loss = 0.0;
  for (std::size_t k = 0; k < scores.size(); ++k) {
    const double target = p.label_smoothing / static_cast<double>(scores.size()) +
                          (k == label ? 1.0 - p.label_smoothing : 0.0);
    loss -= target * ((scores[k] - highest) / p.temperature - log_sum);
    grad[k] = (grad[k] / sum - target) / p.temperature;
  }
  return loss;
}

/// The loss of one decision that the parameters describe; writes the gradient.
double class_loss(const CrossEntropyParameters& p, std::span<const double> scores,
                  std::size_t label, std::span<double> grad) {
  const auto focal = static_cast<Focal>(p.focal);
  if (focal == Focal::none) return cross_entropy(p, scores, label, grad);
  return focal_loss(focal, p.gamma, p.temperature, scores, label, grad);
}

/// The pull of all scores towards one value, as a share of the loss.
struct Pull {
  double share = 0.0;
  double target = 1.0;
};

/// (1 - share) loss + share mean_k (z_k - target)^2, from the loss and its gradient.
double with_pull(const Pull& pull, std::span<const double> scores, double loss,
                 std::span<double> grad) {
  if (pull.share == 0.0) return loss;
  const double classes = static_cast<double>(scores.size());
  double squares = 0.0;
  for (std::size_t k = 0; k < scores.size(); ++k) {
    const double distance = scores[k] - pull.target;
    squares += distance * distance / classes;
    grad[k] = (1.0 - pull.share) * grad[k] + pull.share * 2.0 * distance / classes;
  }
  return (1.0 - pull.share) * loss + pull.share * squares;
}

template <class Real>
class CrossEntropy : public Loss<Real> {
 public:
  CrossEntropy(const CrossEntropyParameters& p, Readout readout, bool every_step, Pull pull = {})
      : parameters_(p), readout_(readout), every_step_(every_step), pull_(pull) {
    if (static_cast<Focal>(p.focal) != Focal::none && p.label_smoothing > 0.0) {
      throw InvalidValue(fmt::format(
          "label_smoothing is {} and focal is not none; the focal losses are of one true class, "
          "expected a label_smoothing of 0 with them",
          p.label_smoothing));
    }
  }

  LossValue evaluate(const Output<Real>& output, const Labels& labels, double weight,
                     std::span<Real> grad) const override {
    check_shape(output);
    check_labels<Real>(output, labels, grad);
    check_finite(output, labels);
    const auto size = output.steps * output.classes;
    std::vector<double> z(size), grad_z(size);
    LossValue value;
    for (std::size_t b = 0; b < output.samples; ++b) {
      const std::size_t label = labels.classes[b];
      score_sample(readout_, output, b, std::span(z));
      value.loss += over_steps(z, output.classes, label, grad_z);
      value.correct += predicted_class(std::span(z).last(output.classes)) == label;
      if (grad.empty()) continue;
      for (double& g : grad_z) g *= weight;
      pull_back_sample<Real>(readout_, output, b, z, grad_z, grad);
    }
    return value;
  }

  void scores_over_time(const Output<Real>& output, std::span<double> scores) const override {
    check_shape(output);
    if (scores.size() != output.values.size()) {
      throw InvalidValue(fmt::format("there is room for {} scores; expected {} as in the output",
                                     scores.size(), output.values.size()));
    }
    std::vector<double> z(output.steps * output.classes);
    for (std::size_t b = 0; b < output.samples; ++b) {
      score_sample(readout_, output, b, std::span(z));
      for (std::size_t t = 0; t < output.steps; ++t) {
        std::copy_n(z.begin() + static_cast<std::ptrdiff_t>(t * output.classes), output.classes,
                    scores.begin() +
                        static_cast<std::ptrdiff_t>((t * output.samples + b) * output.classes));
      }
    }
  }

 private:
  /// The loss of one sample and its gradient, from scores [T][K].
  double over_steps(std::span<const double> z, std::size_t classes, std::size_t label,
                    std::span<double> grad_z) const {
    if (!every_step_) {
      std::ranges::fill(grad_z, 0.0);
      return class_loss(parameters_, z.last(classes), label, grad_z.last(classes));
    }
    const auto steps = z.size() / classes;
    double sum = 0.0;
    for (std::size_t t = 0; t < steps; ++t) {
      const auto scores = z.subspan(t * classes, classes);
      const auto grad = grad_z.subspan(t * classes, classes);
      sum += with_pull(pull_, scores, class_loss(parameters_, scores, label, grad), grad);
    }
    for (double& g : grad_z) g /= static_cast<double>(steps);
    return sum / static_cast<double>(steps);
  }

  CrossEntropyParameters parameters_;
  Readout readout_;
  bool every_step_;
  Pull pull_;
};

template <Readout readout>
struct Final {
  template <class Real>
  struct Type final : CrossEntropy<Real> {
    explicit Type(const CrossEntropyParameters& p) : CrossEntropy<Real>(p, readout, false) {}
  };
};

template <class Real>
struct EveryStep final : CrossEntropy<Real> {
  explicit EveryStep(const EveryStepParameters& p)
      : CrossEntropy<Real>(p, static_cast<Readout>(p.readout), true,
                           {.share = p.mse_share, .target = p.mse_target}) {}
};

template <Readout readout>
void add_final(Registry<Kind<Loss>>& registry, const std::string& name, std::string summary,
               std::string source) {
  add_kind<Final<readout>::template Type, CrossEntropyParameters>(
      registry, name, std::move(summary), std::move(source));
}

Registry<Kind<Loss>> built_in() {
  Registry<Kind<Loss>> registry("loss");
  add_final<Readout::mean>(registry, "mean_membrane",
                           "cross-entropy of the membrane potential averaged over the window", "");
  add_final<Readout::max>(registry, "max_membrane",
                          "cross-entropy of the highest membrane potential of the window",
                          "Cramer et al. 2022, IEEE Trans. Neural Netw. 33:2744-2757");
  add_final<Readout::last>(registry, "last_membrane",
                           "cross-entropy of the membrane potential after the last step", "");
  add_final<Readout::sum>(registry, "spike_count", "cross-entropy of the spike counts", "");
  add_kind<EveryStep, EveryStepParameters>(
      registry, "every_step",
      "cross-entropy of the running score, averaged over all steps: keeps early answers useful",
      "Li et al. 2023, DAC, arXiv:2305.17346; with readout last it is the loss of Deng et al. "
      "2022, "
      "ICLR, arXiv:2202.11946, whose further term is mse_share, there 0.001");
  return registry;
}

}  // namespace

Registry<Kind<Loss>>& losses() {
  static auto registry = built_in();
  return registry;
}

std::size_t predicted_class(std::span<const double> scores) {
  return static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
}

}  // namespace ranvier
