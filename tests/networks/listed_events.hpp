#pragma once

/// Samples of a few events, written out; labels take turns.

#include <utility>
#include <vector>

#include "networks/examples.hpp"

namespace ranvier::test {

class ListedEvents final : public Examples {
 public:
  using Sample = std::vector<std::pair<double, std::uint32_t>>;  ///< (ms, address)

  ListedEvents(Shape shape, std::vector<Sample> samples, std::size_t classes = 2)
      : shape_(shape), samples_(std::move(samples)), classes_(classes) {}

  std::size_t size() const noexcept override { return samples_.size(); }
  Shape shape() const noexcept override { return shape_; }
  std::uint8_t label(std::size_t i) const override {
    return static_cast<std::uint8_t>(i % classes_);
  }
  bool has_events() const noexcept override { return true; }
  void events(std::size_t i, std::uint32_t, EventList& to) const override {
    to.clear();
    for (const auto& [time, address] : samples_[i]) to.add(time, address);
  }

 private:
  Shape shape_;
  std::vector<Sample> samples_;
  std::size_t classes_;
};

}  // namespace ranvier::test
