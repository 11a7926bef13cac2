#pragma once

/// Labelled samples as training and inference read them: values, or events in time. Where they come
/// from (memory, files, a transformation of others) is behind the interface; reading a sample is a
/// pure function of (sample, epoch) and is done from several threads at once.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "networks/shape.hpp"

namespace ranvier {

struct SequentialDescription;

/// The events of one sample, in order of time.
struct EventList {
  std::vector<double> times;             ///< ms since the sample began
  std::vector<std::uint32_t> addresses;  ///< place in the sample's shape, row-major
  bool reordered = false;                ///< the source held them in another order

  std::size_t size() const noexcept { return times.size(); }
  void clear();
  /// Into the order of time; equal times stay in the order they have.
  void sort();
  void add(double time, std::uint32_t address) {
    times.push_back(time);
    addresses.push_back(address);
  }
};

/// A source of labelled samples.
class Examples {
 public:
  Examples() = default;
  Examples(const Examples&) = default;
  Examples(Examples&&) = default;
  Examples& operator=(const Examples&) = default;
  Examples& operator=(Examples&&) = default;
  virtual ~Examples() = default;

  virtual std::size_t size() const noexcept = 0;
  virtual Shape shape() const noexcept = 0;
  virtual std::uint8_t label(std::size_t i) const = 0;

  /// True where samples are events, read by `events`; otherwise they are values.
  virtual bool has_events() const noexcept { return false; }

  /// Writes the values of sample `i`, row-major. `epoch` is 0 in evaluation and 1 and up in
  /// training, where samples may be augmented. Throws Unsupported where samples are events.
  virtual void values(std::size_t i, std::uint32_t epoch, std::span<float> to) const;

  /// Replaces `to` by the events of sample `i`. Throws Unsupported where samples are values, and
  /// CorruptFile where a file turns out to be damaged.
  virtual void events(std::size_t i, std::uint32_t epoch, EventList& to) const;
};

/// Values and labels borrowed from whoever holds them.
class ArrayExamples final : public Examples {
 public:
  ArrayExamples() = default;

  /// `inputs` [N][D], `labels` [N]; without a shape a sample is flat. Throws InvalidValue where the
  /// inputs are no whole number of values for each label, or not of that shape.
  ArrayExamples(std::span<const float> inputs, std::span<const std::uint8_t> labels,
                Shape shape = {});

  std::size_t size() const noexcept override { return labels_.size(); }
  Shape shape() const noexcept override { return shape_; }
  std::uint8_t label(std::size_t i) const override { return labels_[i]; }
  void values(std::size_t i, std::uint32_t epoch, std::span<float> to) const override;

 private:
  std::span<const float> inputs_;
  std::span<const std::uint8_t> labels_;
  Shape shape_;
};

/// Checks that a network can be shown the samples: as many values or addresses as it has inputs,
/// labels below its number of classes, an encoding that reads what they are. Throws InvalidValue,
/// beginning with `what`. Nothing is asked of an empty set.
void require_fit(const Examples& examples, const SequentialDescription& network,
                 std::string_view what);

/// What a look at all samples tells. Reading them finds damaged files before work starts.
struct EventSurvey {
  std::uint64_t events = 0;
  std::uint64_t late = 0;     ///< events at or after the end of the window
  std::size_t cut = 0;        ///< samples that have some of those
  std::size_t empty = 0;      ///< samples without any event
  std::size_t reordered = 0;  ///< samples whose source was not in order of time
};

/// Reads the events of every sample, `window` in ms. Throws what `Examples::events` does.
EventSurvey survey(const Examples& examples, double window, int threads);

}  // namespace ranvier
