#include <exception>

#include "bindings/modules.hpp"
#include "core/error.hpp"

namespace ranvier::bindings {
namespace {

namespace py = pybind11;

/// The Python classes of ranvier/errors.py. They live as long as the process: an exception may be
/// translated while the interpreter shuts down.
struct ErrorClasses {
  py::object error, invalid_value, invalid_config, unknown_name, unsupported, file_not_found,
      corrupt_file, output_error, interrupted;
};

const ErrorClasses& error_classes() {
  static const auto* const classes = [] {
    const auto errors = py::module_::import("ranvier.errors");
    return new ErrorClasses{
        errors.attr("Error"),       errors.attr("InvalidValue"), errors.attr("InvalidConfig"),
        errors.attr("UnknownName"), errors.attr("Unsupported"),  errors.attr("FileNotFound"),
        errors.attr("CorruptFile"), errors.attr("OutputError"),  errors.attr("Interrupted")};
  }();
  return *classes;
}

void raise(const py::object& type, const std::exception& error) {
  PyErr_SetString(type.ptr(), error.what());
}

void raise_config(const InvalidConfig& error) {
  py::list problems;
  for (const auto& problem : error.problems()) problems.append(problem);
  const auto raised = error_classes().invalid_config(error.what(), problems);
  PyErr_SetObject(error_classes().invalid_config.ptr(), raised.ptr());
}

void translate(std::exception_ptr pointer) {
  if (!pointer) return;
  const auto& classes = error_classes();
  try {
    std::rethrow_exception(pointer);
  } catch (const InvalidConfig& error) {
    raise_config(error);
  } catch (const InvalidValue& error) {
    raise(classes.invalid_value, error);
  } catch (const UnknownName& error) {
    raise(classes.unknown_name, error);
  } catch (const Unsupported& error) {
    raise(classes.unsupported, error);
  } catch (const FileNotFound& error) {
    raise(classes.file_not_found, error);
  } catch (const CorruptFile& error) {
    raise(classes.corrupt_file, error);
  } catch (const OutputError& error) {
    raise(classes.output_error, error);
  } catch (const Interrupted& error) {
    raise(classes.interrupted, error);
  } catch (const Error& error) {
    raise(classes.error, error);
  }
}

}  // namespace

void bind_errors(py::module_&) {
  error_classes();
  py::register_exception_translator(&translate);
}

}  // namespace ranvier::bindings
