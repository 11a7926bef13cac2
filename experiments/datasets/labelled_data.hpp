#pragma once

/// A part of a data set: some samples of a source, in an order, with what is done to them on the way
/// to the network. Parts of one set share their source; a split copies no sample.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "networks/augmentation.hpp"
#include "networks/examples.hpp"
#include "networks/normalisation.hpp"

namespace ranvier {

class LabelledData final : public Examples {
 public:
  LabelledData() = default;

  /// All samples of `source`. Throws InvalidValue where a label is not below `classes`.
  LabelledData(std::string name, std::size_t classes, std::shared_ptr<const Examples> source);

  const std::string& name() const noexcept { return name_; }
  std::size_t classes() const noexcept { return classes_; }
  std::span<const std::uint8_t> labels() const noexcept { return labels_; }  ///< one per sample

  std::size_t size() const noexcept override { return labels_.size(); }
  Shape shape() const noexcept override;
  std::uint8_t label(std::size_t i) const override { return labels_[i]; }
  bool has_events() const noexcept override;
  void values(std::size_t i, std::uint32_t epoch, std::span<float> to) const override;
  void events(std::size_t i, std::uint32_t epoch, EventList& to) const override;

  /// The samples at `indices`, in that order, treated as here. Throws InvalidValue for an index past
  /// the end.
  LabelledData subset(std::span<const std::size_t> indices) const;

  /// From now on values are normalised. Throws InvalidValue where the channels do not fit, and
  /// Unsupported for events.
  void normalise(Normalisation normalisation);

  /// From now on samples are augmented in training, by draws of `seed`. Throws InvalidValue where
  /// the samples have nothing that could be so changed.
  void augment(const Augmentation& augmentation, std::uint64_t seed);

 private:
  std::string name_;
  std::size_t classes_ = 0;
  std::shared_ptr<const Examples> source_;
  std::vector<std::uint32_t> chosen_;  ///< index in `source_` of each sample
  std::vector<std::uint8_t> labels_;
  Normalisation normalisation_;
  Augmentation augmentation_;
  std::uint64_t seed_ = 0;
};

/// The values of sample `i` as an evaluation sees them; of events, their number by address.
std::vector<float> values_of(const Examples& examples, std::size_t i);

}  // namespace ranvier
