#include "experiments/datasets/labelled_data.hpp"

#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "core/error.hpp"

namespace ranvier {

LabelledData::LabelledData(std::string name, std::size_t classes,
                           std::shared_ptr<const Examples> source)
    : name_(std::move(name)), classes_(classes), source_(std::move(source)) {
  chosen_.resize(source_->size());
  std::iota(chosen_.begin(), chosen_.end(), 0U);
  labels_.reserve(chosen_.size());
  for (std::size_t i = 0; i < chosen_.size(); ++i) {
    labels_.push_back(source_->label(i));
    if (labels_[i] < classes_) continue;
    throw InvalidValue(fmt::format("data set '{}': label {} is {}; expected 0 to {}", name_, i,
                                   labels_[i], classes_ - 1));
  }
}

Shape LabelledData::shape() const noexcept { return source_ ? source_->shape() : Shape{}; }

bool LabelledData::has_events() const noexcept { return source_ && source_->has_events(); }

void LabelledData::values(std::size_t i, std::uint32_t epoch, std::span<float> to) const {
  source_->values(chosen_[i], epoch, to);
  if (epoch > 0) ranvier::augment(augmentation_, {seed_, epoch, chosen_[i]}, shape(), to);
  ranvier::normalise(normalisation_, to);
}

void LabelledData::events(std::size_t i, std::uint32_t epoch, EventList& to) const {
  source_->events(chosen_[i], epoch, to);
  if (epoch > 0) ranvier::augment(augmentation_, {seed_, epoch, chosen_[i]}, shape(), to);
}

LabelledData LabelledData::subset(std::span<const std::size_t> indices) const {
  LabelledData part = *this;
  part.chosen_.clear();
  part.labels_.clear();
  for (const auto i : indices) {
    if (i >= size()) {
      throw InvalidValue(
          fmt::format("sample {} of '{}' does not exist; it has {}", i, name_, size()));
    }
    part.chosen_.push_back(chosen_[i]);
    part.labels_.push_back(labels_[i]);
  }
  return part;
}

void LabelledData::normalise(Normalisation normalisation) {
  if (normalisation.empty()) return;
  if (has_events()) {
    throw Unsupported(fmt::format(
        "data set '{}' holds events; normalisation is for values, expected none", name_));
  }
  normalisation.validate(shape(), fmt::format("the normalisation of data set '{}'", name_));
  normalisation_ = std::move(normalisation);
}

void LabelledData::augment(const Augmentation& augmentation, std::uint64_t seed) {
  augmentation.validate(*this, fmt::format("the augmentation of data set '{}'", name_));
  augmentation_ = augmentation;
  seed_ = seed;
}

std::vector<float> values_of(const Examples& examples, std::size_t i) {
  std::vector<float> values(examples.shape().size());
  if (!examples.has_events()) {
    examples.values(i, 0, values);
    return values;
  }
  EventList events;
  examples.events(i, 0, events);
  for (const auto address : events.addresses) values[address] += 1.0F;
  return values;
}

}  // namespace ranvier
