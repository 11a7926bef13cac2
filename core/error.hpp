#pragma once

/// The one exception family of Ranvier. Every message is a whole sentence for the person who wrote
/// the input: the place, what was found, what was expected and, for names, the nearest valid one.

#include <stdexcept>
#include <string>
#include <vector>

namespace ranvier {

/// Base of everything Ranvier throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A value of the right kind that cannot be used: out of bounds, wrong shape, not a number.
class InvalidValue : public Error {
 public:
  using Error::Error;
};

/// A name that nothing answers to: model, parameter, population, rule, data set.
class UnknownName : public Error {
 public:
  using Error::Error;
};

/// A request that is well formed but that this model, runtime or build does not offer.
class Unsupported : public Error {
 public:
  using Error::Error;
};

/// A file that is not there or cannot be opened for reading.
class FileNotFound : public Error {
 public:
  using Error::Error;
};

/// A file that is there but does not hold what it should: truncated, wrong magic number, wrong
/// shape.
class CorruptFile : public Error {
 public:
  using Error::Error;
};

/// A result that cannot be written: no permission, disk full.
class OutputError : public Error {
 public:
  using Error::Error;
};

/// The user asked to stop (Ctrl-C, SIGTERM); what was complete has been kept.
class Interrupted : public Error {
 public:
  using Error::Error;
};

/// Everything that is wrong with a configuration file, all at once.
class InvalidConfig : public Error {
 public:
  explicit InvalidConfig(std::vector<std::string> problems);

  const std::vector<std::string>& problems() const noexcept { return problems_; }

 private:
  std::vector<std::string> problems_;
};

}  // namespace ranvier
