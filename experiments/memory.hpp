#pragma once

/// Memory of this machine, asked before it is needed: Linux promises more than there is and ends
/// the process later.

#include <new>
#include <string>
#include <string_view>

namespace ranvier {

/// More memory was asked for than there is.
class NotEnoughMemory : public std::bad_alloc {
 public:
  explicit NotEnoughMemory(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

/// Bytes that this process can still take, from /proc/meminfo and the limits of its control group;
/// infinity where the system does not tell.
double available_memory();

/// Throws NotEnoughMemory, naming `what`, where `bytes` are more than there are or than `limit`.
void require_memory(double bytes, std::string_view what, double limit);

/// "12.3 MiB".
std::string readable_bytes(double bytes);

}  // namespace ranvier
