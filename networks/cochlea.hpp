#pragma once

/// From sound to spikes: a small model of the inner ear. For each of its channels
///
///     u = gammatone filter of the sound                          (basilar membrane)
///     r = max(u, 0)^c                                            (rectification, compression)
///     dy/dt = 2 pi f_l (r - y)                                   (inner hair cell)
///     tau_m dV/dt = gain y - V;  V >= 1: spike, V = 0 for t_ref  (auditory nerve)
///
/// each step solved exactly for an input that is constant between two samples of the sound. Sources:
/// networks/gammatone.hpp; T. Dau, D. Puschel, A. Kohlrausch 1996, J. Acoust. Soc. Am. 99:3615-3622
/// (rectification and low-pass at 1 kHz); A. J. Oxenham, C. J. Plack 1997, J. Acoust. Soc. Am.
/// 101:3666-3675 (compression).

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/parameter.hpp"
#include "networks/examples.hpp"

namespace ranvier {

struct CochleaParameters {
  std::int64_t channels = 64;
  double lowest = 100.0;
  double highest = 3500.0;
  double level = 0.1;
  double compression = 0.3;
  double cutoff = 1000.0;
  double gain = 10.0;
  double tau_m = 5.0;
  double t_ref = 1.0;

  static std::vector<Field<CochleaParameters>> fields();

  /// Throws InvalidValue where the frequencies do not fit each other or the sampling rate in Hz.
  void validate(double rate) const;
};

/// Output of the hair cells, and where the channels listen.
struct Cochleagram {
  std::vector<double> frequencies;  ///< Hz, of each channel, rising
  std::vector<float> activity;      ///< [channels][samples of the sound]
};

/// Throws InvalidValue where the parameters do not fit `rate` in Hz or the sound is not finite.
Cochleagram cochleagram(std::span<const float> sound, double rate,
                        const CochleaParameters& parameters);

/// The spikes of the nerve: times in ms, addresses the channels, in order of time and channel.
EventList cochlea_spikes(std::span<const float> sound, double rate,
                         const CochleaParameters& parameters);

}  // namespace ranvier
