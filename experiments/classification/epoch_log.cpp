#include "experiments/classification/epoch_log.hpp"

#include <fmt/format.h>

namespace ranvier {

void log_epoch(const EpochRecord& epoch, std::string_view why, RunContext& context) {
  context.log(fmt::format(
      "epoch {}: loss {:.4f}, training accuracy {:.4f}, held-out accuracy {:.4f}, {:.2f} s",
      epoch.epoch, epoch.loss, epoch.accuracy, epoch.validation ? epoch.validation->accuracy : 0.0,
      epoch.seconds));
  for (const auto& name : epoch.without_gradient) {
    context.warn(
        fmt::format("{} has had no gradient in the whole of epoch {}: it does not learn ({})", name,
                    epoch.epoch, why));
  }
}

}  // namespace ranvier
