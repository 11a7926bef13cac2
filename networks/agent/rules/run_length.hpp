#pragma once

/// For how many decisions in a row the answer has been what it is.

#include <cstddef>

namespace ranvier::agent {

class RunLength {
 public:
  void reset() { length_ = 0; }
  /// The length with this answer, 1 where it is new.
  std::size_t observe(std::size_t answer) {
    length_ = length_ > 0 && answer == answer_ ? length_ + 1 : 1;
    answer_ = answer;
    return length_;
  }
  std::size_t length() const noexcept { return length_; }

 private:
  std::size_t answer_ = 0, length_ = 0;
};

}  // namespace ranvier::agent
