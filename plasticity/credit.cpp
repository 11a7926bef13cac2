#include "plasticity/credit.hpp"

namespace ranvier {
namespace {

Registry<CreditRule> built_in() {
  Registry<CreditRule> registry("credit rule");
  registry.add("bptt", {.name = "bptt",
                        .summary = "backpropagation through time",
                        .source = "Werbos 1990, Proc. IEEE 78:1550-1560"});
  registry.add("ottt", {.name = "ottt",
                        .summary = "online training through time: errors stay within a step, the "
                                   "presynaptic activity leaves a trace",
                        .source = "Xiao et al. 2022, NeurIPS, arXiv:2210.04195",
                        .through_time = false,
                        .through_recurrence = false,
                        .presynaptic_trace = true});
  registry.add("e_prop",
               {.name = "e_prop",
                .summary = "eligibility propagation: errors do not pass recurrent synapses",
                .source = "Bellec et al. 2020, Nat. Commun. 11:3625",
                .through_time = true,
                .through_recurrence = false});
  registry.add("dsr", {.name = "dsr",
                       .summary = "differentiation on spike representation: neurons as the clipped "
                                  "line between weighted mean input and output",
                       .source = "Meng et al. 2022, CVPR, arXiv:2205.00459",
                       .by_rates = true});
  return registry;
}

}  // namespace

Registry<CreditRule>& credit_rules() {
  static auto registry = built_in();
  return registry;
}

}  // namespace ranvier
