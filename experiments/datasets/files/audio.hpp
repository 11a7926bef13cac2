#pragma once

/// Sound files, WAV, FLAC and what else libsndfile reads.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ranvier {

struct Recording {
  std::vector<float> samples;  ///< one channel, full scale 1; several are averaged
  double rate = 0.0;           ///< Hz
};

/// The sound in the bytes of a file; `where` is for messages. Throws CorruptFile where it is cut
/// short, empty or of no known format.
Recording read_audio(std::span<const std::uint8_t> bytes, std::string_view where);

}  // namespace ranvier
