#pragma once

/// The gammatone filter, a model of the basilar membrane at one place:
///
///     g(t) = t^(n-1) exp(-2 pi b t) cos(2 pi f_c t),   n = 4,   b = 1.019 ERB(f_c)
///
/// as a cascade of n complex one-pole filters, with z_0 the input and the output 2 Re z_n:
///
///     z_k[m] = (1 - l) z_(k-1)[m] + l exp(2 pi i f_c / rate) z_k[m-1],   l = exp(-2 pi b / rate).
///
/// Sources: R. D. Patterson et al. 1992, in Auditory Physiology and Perception, pp. 429-446;
/// V. Hohmann 2002, Acta Acust. united Ac. 88:433-442 (the cascade);
/// B. R. Glasberg, B. C. J. Moore 1990, Hear. Res. 47:103-138 (the ERB).

#include <array>
#include <complex>
#include <span>
#include <vector>

namespace ranvier {

/// Equivalent rectangular bandwidth of the ear at `frequency`, both in Hz:
/// 24.7 (4.37 f / 1000 + 1).
double erb_bandwidth(double frequency);

/// Number of such bandwidths below `frequency`: 21.4 log10(1 + 4.37 f / 1000).
double erb_number(double frequency);

/// The inverse of erb_number.
double frequency_of_erb_number(double number);

/// `count` frequencies from `lowest` to `highest` Hz at equal distances in ERB number; a single one
/// lies in the middle.
std::vector<double> erb_spaced(double lowest, double highest, std::size_t count);

class Gammatone {
 public:
  static constexpr std::size_t order = 4;

  /// Centre frequency and sampling rate in Hz.
  Gammatone(double centre, double rate);

  double centre() const noexcept { return centre_; }

  /// The next sample of the output.
  double step(double input);

  /// Complex gain of the filter for a tone of `frequency` Hz: H(f) + conj(H(-f)) with
  /// H(f) = ((1 - l) / (1 - l exp(2 pi i (f_c - f) / rate)))^n.
  std::complex<double> response(double frequency) const;

 private:
  double centre_, rate_;
  double decay_;               ///< l
  std::complex<double> pole_;  ///< l exp(2 pi i f_c / rate)
  std::array<std::complex<double>, order> state_{};
};

}  // namespace ranvier
