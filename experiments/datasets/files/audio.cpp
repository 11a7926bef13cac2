#include "experiments/datasets/files/audio.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <sndfile.h>

#include "core/error.hpp"

namespace ranvier {
namespace {

/// Bytes in memory as libsndfile reads them.
struct Source {
  std::span<const std::uint8_t> bytes;
  sf_count_t at = 0;

  sf_count_t length() const { return static_cast<sf_count_t>(bytes.size()); }
};

Source& source_of(void* user) { return *static_cast<Source*>(user); }

SF_VIRTUAL_IO memory_access() {
  return {
      .get_filelen = [](void* user) { return source_of(user).length(); },
      .seek =
          [](sf_count_t offset, int whence, void* user) {
            auto& source = source_of(user);
            if (whence == SEEK_CUR) offset += source.at;
            if (whence == SEEK_END) offset += source.length();
            source.at = std::clamp<sf_count_t>(offset, 0, source.length());
            return source.at;
          },
      .read =
          [](void* to, sf_count_t count, void* user) {
            auto& source = source_of(user);
            const auto given = std::min(count, source.length() - source.at);
            std::memcpy(to, source.bytes.data() + source.at, static_cast<std::size_t>(given));
            source.at += given;
            return given;
          },
      .write = [](const void*, sf_count_t, void*) { return sf_count_t{0}; },
      .tell = [](void* user) { return source_of(user).at; },
  };
}

/// libsndfile makes do with a WAV file that is shorter than it says; a truncated one is no sample.
void require_whole(std::span<const std::uint8_t> bytes, std::string_view where) {
  constexpr std::size_t header = 8;
  if (bytes.size() < header || std::memcmp(bytes.data(), "RIFF", 4) != 0) return;
  const auto announced = std::uint64_t{bytes[4]} | std::uint64_t{bytes[5]} << 8 |
                         std::uint64_t{bytes[6]} << 16 | std::uint64_t{bytes[7]} << 24;
  if (announced + header <= bytes.size()) return;
  throw CorruptFile(fmt::format("{}: {} bytes; expected {}; the sound file is truncated", where,
                                bytes.size(), announced + header));
}

}  // namespace

Recording read_audio(std::span<const std::uint8_t> bytes, std::string_view where) {
  require_whole(bytes, where);
  Source source{.bytes = bytes};
  auto access = memory_access();
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, decltype(&sf_close)> file(
      sf_open_virtual(&access, SFM_READ, &info, &source), &sf_close);
  if (!file) {
    throw CorruptFile(
        fmt::format("{}: no sound file that can be read ({})", where, sf_strerror(nullptr)));
  }
  const auto channels = static_cast<std::size_t>(info.channels);
  std::vector<float> frames(static_cast<std::size_t>(info.frames) * channels);
  const auto read = sf_readf_float(file.get(), frames.data(), info.frames);
  if (read != info.frames || read == 0) {
    throw CorruptFile(
        fmt::format("{}: {} of {} samples of sound can be read; expected all, and at "
                    "least one",
                    where, read, info.frames));
  }
  Recording recording{.samples = {}, .rate = static_cast<double>(info.samplerate)};
  recording.samples.reserve(static_cast<std::size_t>(read));
  for (std::size_t f = 0; f < frames.size(); f += channels) {
    float sum = 0.0F;
    for (std::size_t c = 0; c < channels; ++c) sum += frames[f + c];
    recording.samples.push_back(sum / static_cast<float>(channels));
  }
  return recording;
}

}  // namespace ranvier
