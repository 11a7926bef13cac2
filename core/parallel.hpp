#pragma once

/// Work shared out among threads, piece by piece.

#include <cstddef>
#include <exception>

namespace ranvier {

/// Runs `body(i)` for i < count on some thread each; the first exception is thrown here.
template <class Body>
void in_parallel(std::size_t count, int threads, const Body& body) {
  if (threads <= 1 || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) body(i);
    return;
  }
  std::exception_ptr failure;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (std::size_t i = 0; i < count; ++i) {
    try {
      body(i);
    } catch (...) {
#pragma omp critical(ranvier_in_parallel_failure)
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace ranvier
