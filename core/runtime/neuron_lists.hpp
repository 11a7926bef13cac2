#pragma once

/// Neurons that wait in the queue of the event runtime as one event.

#include <cstddef>
#include <vector>

#include "core/population.hpp"

namespace ranvier {

class NeuronLists {
 public:
  /// The number of a new, empty list.
  std::size_t open() {
    if (free_.empty()) {
      free_.push_back(lists_.size());
      lists_.emplace_back();
    }
    const auto list = free_.back();
    free_.pop_back();
    return list;
  }

  std::vector<NeuronId>& operator[](std::size_t list) { return lists_[list]; }
  const std::vector<NeuronId>& operator[](std::size_t list) const { return lists_[list]; }

  /// Lets the number be used again.
  void release(std::size_t list) {
    lists_[list].clear();
    free_.push_back(list);
  }

  void clear() {
    free_.clear();
    for (std::size_t list = 0; list < lists_.size(); ++list) release(list);
  }

 private:
  std::vector<std::vector<NeuronId>> lists_;
  std::vector<std::size_t> free_;
};

}  // namespace ranvier
