#pragma once

/// Spike trains of a cochlea as the Heidelberg data sets keep them, one HDF5 file for each part:
///
///     /spikes/times  (n)  lists of times in seconds, /spikes/units  (n)  lists of channels,
///     /labels        (n)
///
/// Number types are whatever the file has (half precision for the published times). A sample is read
/// when it is asked for. Source: B. Cramer, Y. Stradmann, J. Schemmel, F. Zenke, IEEE Trans. Neural
/// Netw. Learn. Syst. 33:2744 (2022).

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/files/hdf5_ragged.hpp"
#include "networks/examples.hpp"

namespace ranvier {

class SpikeFile final : public Examples {
 public:
  /// Throws FileNotFound, or CorruptFile where a field is missing, of another kind or length, or a
  /// label is not below `classes`.
  SpikeFile(const std::filesystem::path& file, std::size_t channels, std::size_t classes);

  std::size_t size() const noexcept override { return labels_.size(); }
  Shape shape() const noexcept override { return {.channels = 1, .height = 1, .width = channels_}; }
  std::uint8_t label(std::size_t i) const override { return labels_[i]; }
  bool has_events() const noexcept override { return true; }

  /// Times that are out of order are sorted, as `to.reordered` says. Throws CorruptFile, naming the
  /// sample, where its lists differ in length, a channel is too high or a time negative or no number.
  void events(std::size_t i, std::uint32_t epoch, EventList& to) const override;

 private:
  std::filesystem::path path_;
  std::size_t channels_;
  hdf5::RaggedArray times_, units_;
  std::vector<std::uint8_t> labels_;
};

}  // namespace ranvier
