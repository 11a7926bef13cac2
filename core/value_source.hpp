#pragma once

/// Where a number per synapse or per neuron comes from: a constant, a distribution, an array.

#include <cstdint>
#include <memory>
#include <optional>

#include "core/random.hpp"

namespace ranvier {

class ValueSource {
 public:
  virtual ~ValueSource() = default;

  /// The value of the synapse or neuron called `key`: a pure function of key and stream.
  virtual double value(std::uint64_t key, const RandomStream& stream) const = 0;

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
