#pragma once

/// Long calls: they run without the interpreter's lock and look up now and then, to report and to
/// see whether Ctrl-C was pressed.

#include <functional>
#include <optional>
#include <utility>

#include <pybind11/pybind11.h>

#include "core/error.hpp"

namespace ranvier::bindings {

/// Lets C++ work for long without the interpreter's lock. `interrupted` and `call` belong in the
/// work's hooks. What they raise comes out of `run`, in place of the Interrupted it led to.
class Interruptible {
 public:
  template <class Work>
  void run(Work&& work) {
    try {
      const pybind11::gil_scoped_release released;
      std::forward<Work>(work)();
    } catch (const Interrupted&) {
      if (!raised_) throw;
    }
    if (raised_) throw pybind11::error_already_set(std::move(*raised_));
  }

  /// Calls back into Python. False where that raised, now or before.
  bool call(const std::function<void()>& callback) {
    const pybind11::gil_scoped_acquire locked;
    if (raised_) return false;
    try {
      callback();
    } catch (pybind11::error_already_set& error) {
      raised_.emplace(std::move(error));
    }
    return !raised_;
  }

  /// Runs Python's signal handlers: true where one raised, as that of Ctrl-C does.
  bool interrupted() {
    return !call([] {
      if (PyErr_CheckSignals() != 0) throw pybind11::error_already_set();
    });
  }

 private:
  std::optional<pybind11::error_already_set> raised_;
};

}  // namespace ranvier::bindings
