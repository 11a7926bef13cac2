#include "experiments/command_line/exit_code.hpp"

#include <new>

#include "core/error.hpp"

namespace ranvier {
namespace {

template <class E>
bool is(const std::exception& problem) {
  return dynamic_cast<const E*>(&problem) != nullptr;
}

}  // namespace

ExitCode exit_code_of(const std::exception& problem) {
  if (is<Interrupted>(problem)) return interrupted;
  if (is<FileNotFound>(problem) || is<CorruptFile>(problem)) return bad_input_file;
  if (is<OutputError>(problem)) return output_failed;
  if (is<Error>(problem)) return invalid_configuration;
  // A vector longer than the address space is a request for too much memory, too.
  if (is<std::bad_alloc>(problem) || is<std::length_error>(problem)) return out_of_memory;
  return internal_error;
}

std::string exit_codes_help() {
  return "Exit codes:\n"
         "  0    done\n"
         "  1    internal error\n"
         "  2    unknown command, option or name on the command line\n"
         "  3    the configuration is wrong\n"
         "  4    an input file is missing or corrupt\n"
         "  5    results cannot be written\n"
         "  6    not enough memory\n"
         "  7    a verified run gave other spikes\n"
         "  130  stopped by Ctrl-C or SIGTERM; checkpoint.h5 is kept for --resume\n";
}

}  // namespace ranvier
