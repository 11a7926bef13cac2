#pragma once

/// HDF5 files: groups, arrays and attributes, closed by themselves, with errors that name the file
/// and the reason. hdf5.h stays behind this header.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ranvier::hdf5 {

/// An open object of the HDF5 library.
class Handle {
 public:
  using Id = std::int64_t;
  using Close = int (*)(Id);

  Handle() = default;
  Handle(Id id, Close close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle();

  Id id() const noexcept { return id_; }

 private:
  Id id_ = -1;
  Close close_ = nullptr;
};

using Shape = std::vector<std::size_t>;

enum class ArrayType { real, single, integer, natural, text, other };

/// Arrays hold double, float, std::int8_t, std::int32_t, std::int64_t, std::uint8_t, std::uint32_t
/// or std::uint64_t. Reading converts between them as HDF5 does. Every name may be a path of names
/// with '/'.
class Group {
 public:
  /// Creates a group, and those above it, or opens the one that is there.
  Group create_group(std::string_view name);

  /// Throws CorruptFile where there is none.
  Group group(std::string_view name) const;

  bool has(std::string_view name) const;
  bool is_group(std::string_view name) const;
  std::vector<std::string> members() const;  ///< in alphabetical order

  /// Writes an array; one of more than 16 KiB is stored in compressed chunks. Without a shape it is
  /// one-dimensional. Throws OutputError.
  template <class T>
  void write(std::string_view name, std::span<const T> values, Shape shape = {});
  template <class T>
  requires std::is_arithmetic_v<T>
  void write(std::string_view name, const std::vector<T>& values, Shape shape = {}) {
    write(name, std::span<const T>(values), std::move(shape));
  }
  void write(std::string_view name, std::span<const std::string> texts);
  void write(std::string_view name, std::string_view text);

  /// Throws CorruptFile where the array is missing, of another kind or damaged.
  template <class T>
  std::vector<T> read(std::string_view name) const;
  std::vector<std::string> read_texts(std::string_view name) const;
  std::string read_text(std::string_view name) const;
  Shape shape(std::string_view name) const;

  /// `single` is float; `natural` is unsigned; widths are not told apart further.
  ArrayType type(std::string_view name) const;

  /// Attributes of this group, or of the array or group `of` in it.
  void set_attribute(std::string_view name, std::string_view text, std::string_view of = ".");
  void set_attribute(std::string_view name, double value, std::string_view of = ".");
  void set_attribute(std::string_view name, std::int64_t value, std::string_view of = ".");
  void set_attribute(std::string_view name, std::span<const std::uint32_t> values,
                     std::string_view of = ".");

  /// A value of an enumeration over bytes: `labels[k]` stands for k.
  void set_enumeration(std::string_view name, std::span<const std::string> labels,
                       std::uint8_t value, std::string_view of = ".");

  bool has_attribute(std::string_view name, std::string_view of = ".") const;
  std::string text_attribute(std::string_view name, std::string_view of = ".") const;
  double real_attribute(std::string_view name, std::string_view of = ".") const;
  std::vector<std::uint32_t> natural_attribute(std::string_view name,
                                               std::string_view of = ".") const;

 protected:
  Group(Handle handle, std::filesystem::path file)
      : handle_(std::move(handle)), file_(std::move(file)) {}
  Handle::Id id() const noexcept { return handle_.id(); }
  const std::filesystem::path& file() const noexcept { return file_; }

 private:
  Handle handle_;
  std::filesystem::path file_;
};

/// A file to be written. It is built in memory, so that a full disk meets our own write and not the
/// library's half-flushed caches; nothing is on the disk before `commit`.
class OutputFile : public Group {
 public:
  explicit OutputFile(std::filesystem::path file);

  /// Writes the file whole, as `write_file` does. Throws OutputError.
  void commit();
};

/// A file to be read.
class InputFile : public Group {
 public:
  /// Throws FileNotFound, or CorruptFile where the file is truncated or not HDF5.
  explicit InputFile(const std::filesystem::path& file);
};

}  // namespace ranvier::hdf5
