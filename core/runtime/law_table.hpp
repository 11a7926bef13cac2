#pragma once

/// Laws over whole numbers of ticks, made once: between two touches a neuron of a busy network waits
/// a few of the same ticks again and again, and a law costs several exponentials.

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace ranvier {

template <class M>
class LawTable {
  using Law = typename M::template Law<double>;

 public:
  LawTable() = default;

  /// Laws over 0, 1, 2, ... ticks of `tick` ms.
  LawTable(const typename M::Parameters& p, double tick) {
    laws_.reserve(longest);
    for (std::size_t ticks = 0; ticks < longest; ++ticks) {
      laws_.emplace_back(p, static_cast<double>(ticks) * tick);
    }
  }

  std::span<const Law> laws() const { return laws_; }

 private:
  /// As many as stay in a core's own cache beside the rest.
  static constexpr std::size_t longest =
      std::min<std::size_t>(1024, (std::size_t{128} << 10) / sizeof(Law));

  std::vector<Law> laws_;
};

}  // namespace ranvier
