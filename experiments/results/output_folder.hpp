#pragma once

/// The folder of a run's results, replaced whole or not at all.

#include <filesystem>

namespace ranvier {

/// Results are drafted in a hidden folder beside the target and take its place when they are whole;
/// until then the target is untouched. Drafts are removed again with this object.
class OutputFolder {
 public:
  /// Throws OutputError where the target is a file, holds anything but results of earlier runs, or
  /// no folder can be made beside it.
  explicit OutputFolder(const std::filesystem::path& target);
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  ~OutputFolder();

  const std::filesystem::path& target() const noexcept { return target_; }
  const std::filesystem::path& draft() const noexcept { return draft_; }

  /// Where the checkpoint of an unfinished run is kept: in the target itself, beside earlier
  /// results.
  std::filesystem::path checkpoint() const { return target_ / "checkpoint.h5"; }

  /// Makes the target exist, for a checkpoint. Throws OutputError.
  void make_target() const;

  /// Puts the draft in the target's place. Files in the target that no run wrote are kept, a
  /// checkpoint is not. Throws OutputError; the earlier results are then still there.
  void publish();

 private:
  std::filesystem::path target_;
  std::filesystem::path draft_;
};

}  // namespace ranvier
