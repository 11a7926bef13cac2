#pragma once

/// Arrays of many megabytes that are read in jumps: huge pages where the system grants them, so that
/// an access costs no walk through page tables, and elements that are not zeroed first. They begin
/// with a cache line, so that no aligned vector straddles two.

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace ranvier {

template <class T>
class LargeAllocator {
 public:
  using value_type = T;

  LargeAllocator() = default;
  template <class U>
  LargeAllocator(const LargeAllocator<U>& /*other*/) {}

  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < huge_page) return static_cast<T*>(::operator new(bytes, line));
    void* memory = std::aligned_alloc(huge_page, (bytes + huge_page - 1) / huge_page * huge_page);
    if (memory == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    // The last, partial page stays one of small pages: it would be resident as a whole.
    madvise(memory, bytes / huge_page * huge_page, MADV_HUGEPAGE);
#endif
    return static_cast<T*>(memory);
  }

  void deallocate(T* memory, std::size_t count) {
    if (count * sizeof(T) < huge_page) {
      ::operator delete(memory, line);
    } else {
      std::free(memory);
    }
  }

  /// `resize` leaves new elements as they come.
  template <class U, class... Args>
  void construct(U* place, Args&&... args) {
    if constexpr (sizeof...(Args) > 0) {
      std::construct_at(place, std::forward<Args>(args)...);
    } else {
      ::new (static_cast<void*>(place)) U;
    }
  }

  bool operator==(const LargeAllocator& /*other*/) const = default;

 private:
  static constexpr std::align_val_t line{64};
  static_assert(alignof(T) <= 64);
  static constexpr std::size_t huge_page = std::size_t{1} << 21;
  static_assert(std::is_trivially_copyable_v<T>);
};

template <class T>
using LargeArray = std::vector<T, LargeAllocator<T>>;

}  // namespace ranvier
