#pragma once

/// Where a number per synapse or per neuron comes from: a constant, a distribution, an array.

#include <cstddef>
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

  /// The values of as many keys as `out` holds, each exactly what value() gives. Distributions draw
  /// several at a time, best in blocks of `preferred_block` keys or so.
  virtual void values(std::span<const std::uint64_t> keys, const RandomStream& stream,
                      std::span<double> out) const {
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = value(keys[k], stream);
  }
  static constexpr std::size_t preferred_block = 1024;

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
