#pragma once

/// What a network is wired with, across the border.

#include <string>
#include <string_view>
#include <vector>

#include <pybind11/pybind11.h>

#include "core/connection_rule.hpp"
#include "core/network.hpp"

namespace ranvier::bindings {

/// From a pair (name of a rule, its parameters), or a pair of arrays (sources, targets).
ConnectionRulePtr to_connection_rule(const pybind11::tuple& rule, std::string_view where);

/// From a pair (name of a rule, its parameters), or None.
PlasticityPtr to_plasticity(const pybind11::object& rule, std::string_view where);

/// What `device` of `network` is to replay: one list of times per neuron of its target, or one list
/// that all of them receive.
std::vector<std::vector<double>> spike_times_for(const Network& network, const std::string& device,
                                                 const pybind11::object& times);

}  // namespace ranvier::bindings
