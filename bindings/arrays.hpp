#pragma once

/// Arrays across the border: results are moved out of C++ and owned by numpy, arguments are borrowed
/// for the length of a call.

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

namespace ranvier::bindings {

using Shape = std::vector<pybind11::ssize_t>;

/// An argument: C order, converted only where it has to be.
template <class T>
using ArrayIn = pybind11::array_t<T, pybind11::array::c_style | pybind11::array::forcecast>;

template <class T>
std::span<const T> view(const ArrayIn<T>& array) {
  return {array.data(), static_cast<std::size_t>(array.size())};
}

template <class T>
std::vector<T> copied(const ArrayIn<T>& array) {
  const auto values = view(array);
  return {values.begin(), values.end()};
}

/// A numpy array that takes over `values`, without a copy.
template <class T>
pybind11::array_t<T> moved(std::vector<T>&& values, Shape shape) {
  auto owner = std::make_unique<std::vector<T>>(std::move(values));
  const T* const data = owner->data();
  pybind11::capsule keeper(owner.get(),
                           [](void* pointer) { delete static_cast<std::vector<T>*>(pointer); });
  owner.release();
  return pybind11::array_t<T>(std::move(shape), data, keeper);
}

template <class T>
pybind11::array_t<T> moved(std::vector<T>&& values) {
  const auto size = static_cast<pybind11::ssize_t>(values.size());
  return moved(std::move(values), Shape{size});
}

/// One column per member of a list of records.
template <class T, class Records, class Member>
pybind11::array_t<T> column(const Records& records, Member member) {
  std::vector<T> values;
  values.reserve(records.size());
  for (const auto& record : records) values.push_back(static_cast<T>(record.*member));
  return moved(std::move(values));
}

}  // namespace ranvier::bindings
