#include "networks/gammatone.hpp"

#include <cmath>
#include <numbers>

namespace ranvier {
namespace {

constexpr double two_pi = 2.0 * std::numbers::pi;
constexpr double bandwidths_per_erb = 1.019;

}  // namespace

double erb_bandwidth(double frequency) { return 24.7 * (4.37 * frequency / 1000.0 + 1.0); }

double erb_number(double frequency) { return 21.4 * std::log10(1.0 + 4.37 * frequency / 1000.0); }

double frequency_of_erb_number(double number) {
  return (std::pow(10.0, number / 21.4) - 1.0) * 1000.0 / 4.37;
}

std::vector<double> erb_spaced(double lowest, double highest, std::size_t count) {
  const double from = erb_number(lowest);
  const double to = erb_number(highest);
  std::vector<double> frequencies;
  for (std::size_t k = 0; k < count; ++k) {
    const double share = count == 1 ? 0.5 : static_cast<double>(k) / static_cast<double>(count - 1);
    frequencies.push_back(frequency_of_erb_number(from + share * (to - from)));
  }
  return frequencies;
}

Gammatone::Gammatone(double centre, double rate)
    : centre_(centre),
      rate_(rate),
      decay_(std::exp(-two_pi * bandwidths_per_erb * erb_bandwidth(centre) / rate)),
      pole_(std::polar(decay_, two_pi * centre / rate)) {}

/// Written out in real numbers: the product of complex ones also sees to infinities, at twice the
/// time.
double Gammatone::step(double input) {
  const double share = 1.0 - decay_;
  const double cosine = pole_.real();
  const double sine = pole_.imag();
  double real = input;
  double imaginary = 0.0;
  for (auto& z : state_) {
    const double next_real = share * real + (cosine * z.real() - sine * z.imag());
    imaginary = share * imaginary + (cosine * z.imag() + sine * z.real());
    real = next_real;
    z = {real, imaginary};
  }
  return 2.0 * real;
}

std::complex<double> Gammatone::response(double frequency) const {
  const auto one_sided = [this](double f) {
    const auto section =
        (1.0 - decay_) / (1.0 - std::polar(decay_, two_pi * (centre_ - f) / rate_));
    return std::pow(section, static_cast<int>(order));
  };
  return one_sided(frequency) + std::conj(one_sided(-frequency));
}

}  // namespace ranvier
