#include "networks/cochlea.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "core/error.hpp"
#include "networks/gammatone.hpp"

namespace ranvier {
namespace {

/// 1 - exp(-x): how far a leaky state comes toward its input in a step of x time constants.
double approach(double x) { return -std::expm1(-x); }

/// One channel up to the hair cell.
class HairCell {
 public:
  HairCell(double centre, double rate, const CochleaParameters& p)
      : membrane_(centre, rate),
        compression_(p.compression),
        approach_(approach(2.0 * std::numbers::pi * p.cutoff / rate)) {}

  double step(double sound) {
    const double motion = membrane_.step(sound);
    const double rectified = motion > 0.0 ? std::pow(motion, compression_) : 0.0;
    output_ += approach_ * (rectified - output_);
    return output_;
  }

 private:
  Gammatone membrane_;
  double compression_;
  double approach_;
  double output_ = 0.0;
};

/// The nerve fibre behind it.
class Fibre {
 public:
  Fibre(double rate, const CochleaParameters& p)
      : gain_(p.gain),
        approach_(approach(1000.0 / rate / p.tau_m)),
        refractory_(static_cast<std::size_t>(std::lround(p.t_ref * rate / 1000.0))) {}

  /// True where it spikes at the end of the step.
  bool step(double input) {
    if (silent_for_ > 0) {
      --silent_for_;
      return false;
    }
    potential_ += approach_ * (gain_ * input - potential_);
    if (potential_ < 1.0) return false;
    potential_ = 0.0;
    silent_for_ = refractory_;
    return true;
  }

 private:
  double gain_;
  double approach_;
  std::size_t refractory_;  ///< steps
  std::size_t silent_for_ = 0;
  double potential_ = 0.0;
};

/// What brings the root mean square of the sound to `level`; 1 for silence, or where no level is
/// asked for.
double amplification(std::span<const float> sound, double level) {
  double power = 0.0;
  for (const double x : sound) power += x * x;
  if (!std::isfinite(power))
    throw InvalidValue("the sound has samples that are not finite numbers");
  if (level == 0.0 || power == 0.0) return 1.0;
  return level / std::sqrt(power / static_cast<double>(sound.size()));
}

std::vector<double> frequencies_of(const CochleaParameters& p) {
  return erb_spaced(p.lowest, p.highest, static_cast<std::size_t>(p.channels));
}

}  // namespace

std::vector<Field<CochleaParameters>> CochleaParameters::fields() {
  return {
      integer("channels", &CochleaParameters::channels, {.lower = 1.0, .upper = 4096.0},
              "places along the membrane, each with one fibre"),
      real("lowest", &CochleaParameters::lowest, "Hz", positive, "centre of the first channel"),
      real("highest", &CochleaParameters::highest, "Hz", positive,
           "centre of the last channel; below half the sampling rate"),
      real("level", &CochleaParameters::level, "", non_negative,
           "root mean square that every sound is brought to; 0: as recorded"),
      real("compression", &CochleaParameters::compression, "",
           Bounds{.lower = 0.0, .upper = 1.0, .lower_open = true},
           "exponent of the rectified motion; 1 is linear"),
      real("cutoff", &CochleaParameters::cutoff, "Hz", positive,
           "up to which the hair cell follows the motion"),
      real("gain", &CochleaParameters::gain, "", positive,
           "drive of a fibre per unit of hair cell output; it fires where the drive exceeds 1"),
      real("tau_m", &CochleaParameters::tau_m, "ms", positive, "membrane time constant of a fibre"),
      real("t_ref", &CochleaParameters::t_ref, "ms", non_negative, "refractory time of a fibre"),
  };
}

void CochleaParameters::validate(double rate) const {
  for (const auto& [name, value] : values_of(*this)) {
    checked(find(parameters_of<CochleaParameters>(), name, "the cochlea"), value, "the cochlea");
  }
  if (!(rate > 0.0 && std::isfinite(rate))) {
    throw InvalidValue(fmt::format("a sampling rate of {} Hz; expected more than 0 Hz", rate));
  }
  if (lowest > highest) {
    throw InvalidValue(
        fmt::format("the cochlea's lowest frequency is {} Hz; expected at most the highest, {} Hz",
                    lowest, highest));
  }
  if (highest >= 0.5 * rate) {
    throw InvalidValue(
        fmt::format("the cochlea's highest frequency is {} Hz; expected less than {} Hz, half the "
                    "sampling rate",
                    highest, 0.5 * rate));
  }
}

Cochleagram cochleagram(std::span<const float> sound, double rate,
                        const CochleaParameters& parameters) {
  parameters.validate(rate);
  const double factor = amplification(sound, parameters.level);
  Cochleagram result{.frequencies = frequencies_of(parameters), .activity = {}};
  result.activity.reserve(result.frequencies.size() * sound.size());
  for (const double centre : result.frequencies) {
    HairCell cell(centre, rate, parameters);
    for (const double x : sound) {
      result.activity.push_back(static_cast<float>(cell.step(factor * x)));
    }
  }
  return result;
}

EventList cochlea_spikes(std::span<const float> sound, double rate,
                         const CochleaParameters& parameters) {
  parameters.validate(rate);
  const double factor = amplification(sound, parameters.level);
  const auto frequencies = frequencies_of(parameters);
  EventList spikes;
  for (std::size_t channel = 0; channel < frequencies.size(); ++channel) {
    HairCell cell(frequencies[channel], rate, parameters);
    Fibre fibre(rate, parameters);
    for (std::size_t m = 0; m < sound.size(); ++m) {
      if (!fibre.step(cell.step(factor * static_cast<double>(sound[m])))) continue;
      spikes.add(static_cast<double>(m + 1) * 1000.0 / rate, static_cast<std::uint32_t>(channel));
    }
  }
  spikes.sort();
  spikes.reordered = false;
  return spikes;
}

}  // namespace ranvier
