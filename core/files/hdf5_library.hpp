#pragma once

/// What the .cpp files here share about the HDF5 C library.

#include <filesystem>
#include <string>
#include <string_view>
#include <type_traits>

#include <hdf5.h>

#include "core/files/hdf5.hpp"

namespace ranvier::hdf5 {

static_assert(std::is_same_v<hid_t, Handle::Id>);
static_assert(std::is_same_v<herr_t, int>);

/// Keeps the library from printing its errors while it lives.
class Quiet {
 public:
  Quiet() {
    H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  ~Quiet() { H5Eset_auto2(H5E_DEFAULT, function_, data_); }

 private:
  H5E_auto2_t function_ = nullptr;
  void* data_ = nullptr;
};

/// What the library says went wrong last, at its origin.
std::string reason();

/// Wrong input: CorruptFile "<file>: <what> (<reason>)".
[[noreturn]] void refuse_input(const std::filesystem::path& file, std::string_view what);

/// A failed write: OutputError.
[[noreturn]] void refuse_output(const std::filesystem::path& file, std::string_view what);

/// Text of any length in UTF-8.
Handle text_type();

template <class T>
hid_t native_type();

}  // namespace ranvier::hdf5
