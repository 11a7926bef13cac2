#include "experiments/datasets/files/sha256.hpp"

#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "core/error.hpp"

namespace ranvier {

std::string sha256(std::span<const std::uint8_t> bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    throw Unsupported("this build of OpenSSL offers no SHA-256");
  }
  std::string text;
  for (unsigned int i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

}  // namespace ranvier
