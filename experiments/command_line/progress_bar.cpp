#include "experiments/command_line/progress_bar.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

namespace ranvier {
namespace {

std::string time_text(double seconds) {
  if (seconds < 90.0) return fmt::format("{:.0f} s", seconds);
  if (seconds < 5400.0) return fmt::format("{:.0f} min", seconds / 60.0);
  return fmt::format("{:.1f} h", seconds / 3600.0);
}

}  // namespace

std::string progress_line(const Progress& progress, double elapsed) {
  constexpr int width = 30;
  const double share =
      progress.total > 0.0 ? std::clamp(progress.done / progress.total, 0.0, 1.0) : 0.0;
  const int filled = static_cast<int>(share * width);
  auto line = fmt::format("{} [{:#<{}}{: <{}}] {:3.0f} %", progress.stage, "", filled, "",
                          width - filled, 100.0 * share);
  if (progress.unit != "%") {
    line += fmt::format(", {:.0f} of {:.0f} {}", progress.done, progress.total, progress.unit);
  }
  if (share > 0.0) line += fmt::format(", {} left", time_text(elapsed * (1.0 - share) / share));
  return line;
}

ProgressBar::ProgressBar(bool wanted) : enabled_(wanted && isatty(STDERR_FILENO) == 1) {}

void ProgressBar::show(const Progress& progress) {
  if (!enabled_) return;
  const auto now = Clock::now();
  if (progress.stage != stage_) {
    stage_ = progress.stage;
    began_ = now;
  }
  using std::chrono::milliseconds;
  if (now - began_ < milliseconds(1000) || now - last_ < milliseconds(100)) return;
  last_ = now;
  drawn_ = true;
  const auto elapsed = std::chrono::duration<double>(now - began_).count();
  fmt::print(stderr, "\r{}\x1b[K", progress_line(progress, elapsed));
  std::fflush(stderr);
}

void ProgressBar::wipe() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace ranvier
