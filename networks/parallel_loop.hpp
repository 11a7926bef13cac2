#pragma once

/// A loop whose rounds are shared out among threads and may throw.

#include <cstddef>
#include <exception>

namespace ranvier {

/// Runs `body(i)` for i < count on some thread each; the first exception is thrown here.
template <class Body>
void in_parallel(std::size_t count, int threads, const Body& body) {
  std::exception_ptr failure;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (std::size_t i = 0; i < count; ++i) {
    try {
      body(i);
    } catch (...) {
#pragma omp critical(ranvier_parallel_loop_failure)
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace ranvier
