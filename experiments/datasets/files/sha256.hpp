#pragma once

/// SHA-256 (FIPS 180-4) by OpenSSL.

#include <cstdint>
#include <span>
#include <string>

namespace ranvier {

/// The digest of `bytes` as 64 lower-case hexadecimal digits.
std::string sha256(std::span<const std::uint8_t> bytes);

}  // namespace ranvier
