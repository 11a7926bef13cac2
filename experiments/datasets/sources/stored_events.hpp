#pragma once

/// Events in memory, six bytes each.

#include <cstdint>
#include <vector>

#include "networks/examples.hpp"

namespace ranvier {

class StoredEvents final : public Examples {
 public:
  /// `samples` and `labels` [N]. Throws InvalidValue where their numbers differ, an address lies
  /// outside `shape` or that has more than 65536.
  StoredEvents(Shape shape, const std::vector<EventList>& samples,
               std::vector<std::uint8_t> labels);

  std::size_t size() const noexcept override { return labels_.size(); }
  Shape shape() const noexcept override { return shape_; }
  std::uint8_t label(std::size_t i) const override { return labels_[i]; }
  bool has_events() const noexcept override { return true; }
  void events(std::size_t i, std::uint32_t epoch, EventList& to) const override;

 private:
  Shape shape_;
  std::vector<std::size_t> begins_;  ///< [N + 1] place of each sample's first event
  std::vector<float> times_;         ///< ms
  std::vector<std::uint16_t> addresses_;
  std::vector<std::uint8_t> labels_;
};

}  // namespace ranvier
