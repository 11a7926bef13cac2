#pragma once

/// The option --threads.

#include <boost/program_options.hpp>

namespace ranvier {

/// The number of threads asked for, or one per core that this process may use. Throws UsageError
/// unless it is a whole number between 1 and 4096.
unsigned threads_of(const boost::program_options::variables_map& given);

}  // namespace ranvier
