#pragma once

/// A right configuration for tests to damage.

#include <string>
#include <vector>

namespace ranvier::test {

using Texts = std::vector<std::string>;

/// A right configuration, one thing a line, that the rows of the tests damage.
inline const Texts good_configuration{"experiment: simulate",                         // 1
                                      "seed: 1",                                      // 2
                                      "simulation:",                                  // 3
                                      "  duration: 10.0",                             // 4
                                      "  resolution: 0.1",                            // 5
                                      "populations:",                                 // 6
                                      "  exc:",                                       // 7
                                      "    model: iaf_psc_exp",                       // 8
                                      "    size: 4",                                  // 9
                                      "    parameters:",                              // 10
                                      "      tau_m: 10.0",                            // 11
                                      "  inh:",                                       // 12
                                      "    model: iaf_psc_exp",                       // 13
                                      "    size: 2",                                  // 14
                                      "projections:",                                 // 15
                                      "  - source: exc",                              // 16
                                      "    target: inh",                              // 17
                                      "    rule: all_to_all",                         // 18
                                      "    weight: 10.0",                             // 19
                                      "    delay: 1.0",                               // 20
                                      "devices:",                                     // 21
                                      "  noise:",                                     // 22
                                      "    model: poisson_generator",                 // 23
                                      "    target: exc",                              // 24
                                      "    parameters: {rate: 1000.0, weight: 5.0}",  // 25
                                      "record:",                                      // 26
                                      "  spikes: all",                                // 27
                                      "  states:",                                    // 28
                                      "    - population: exc",                        // 29
                                      "      variables: [V_m]",                       // 30
                                      "      interval: 1.0"};                         // 31

/// The configuration with one line, counted from 1, replaced; line 0 replaces none.
inline std::string text_with(std::size_t line, const std::string& replacement) {
  std::string text;
  for (std::size_t k = 0; k < good_configuration.size(); ++k) {
    text += (k + 1 == line ? replacement : good_configuration[k]) + "\n";
  }
  return text;
}

}  // namespace ranvier::test
