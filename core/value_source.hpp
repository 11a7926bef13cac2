#pragma once

/// Where a number per synapse or per neuron comes from: a constant, a distribution, an array.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "core/random.hpp"

namespace ranvier {

class ValueSource {
 public:
  virtual ~ValueSource() = default;

  /// The value of the synapse or neuron called `key`: a pure function of key and stream.
  virtual double value(std::uint64_t key, const RandomStream& stream) const = 0;

  /// `out[k]` becomes value(keys[k], stream); as many keys as values.
  virtual void values(std::span<const std::uint64_t> keys, const RandomStream& stream,
                      std::span<double> out) const {
    std::ranges::transform(keys, out.begin(),
                           [&](std::uint64_t key) { return value(key, stream); });
  }

  /// The value where it is the same for every key.
  virtual std::optional<double> constant() const { return std::nullopt; }

  /// How many keys have a value; nothing where every key has.
  virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
};

using ValueSourcePtr = std::shared_ptr<const ValueSource>;

/// The draws that belong to a key.
inline Draws draws_for(std::uint64_t key, const RandomStream& stream) {
  return stream.at(static_cast<std::uint32_t>(key >> 32), key & 0xffffffffu);
}

}  // namespace ranvier
