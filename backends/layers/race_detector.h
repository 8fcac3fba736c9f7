// SPDX-License-Identifier: MIT
// Which submissions may touch the same bytes without an order between them: the part of
// the hazard layer that knows no device.
//
// Every queue is a process of a vector clock; a submission's clock says, for each
// queue, up to which of its submissions are certainly over when this one starts. It is
// the join of what comes before it in its queue, of the points it waits for, and of
// what the host had seen complete when it was submitted. Submission b of a buffer
// follows submission a of queue q, value v, exactly if clock(b)[q] >= v; else they
// race, however the run at hand came out.
//
// A wait may come before its signal, so a submission's clock may not be known when it
// is submitted: it stays pending, and its queue behind it, until it is.
#ifndef ASSAY_BACKENDS_LAYERS_RACE_DETECTOR_H_
#define ASSAY_BACKENDS_LAYERS_RACE_DETECTOR_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace assay::layers {

// Bytes [begin, end) of a buffer that a command declares to touch.
struct DeclaredAccess {
  std::uint64_t buffer = 0;
  std::string buffer_label;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool write = false;
  std::string command;  // "dispatch of 'scale'"
};
using DeclaredAccesses = std::shared_ptr<const std::vector<DeclaredAccess>>;

struct Race {
  struct Side {
    std::string queue;
    std::uint64_t submission = 0;  // value on the queue's timeline; 0: not submitted
    std::string label;             // of the command buffer
    std::string command;
    bool write = false;
  };
  Side first;
  Side second;
  std::string buffer;
  std::size_t begin = 0;  // the bytes that both touch
  std::size_t end = 0;
  // One line: both sides, the bytes, and what would order them.
  std::string to_string() const;
};

// A timeline, by the number that the detector gave it, and a value on it.
struct LinePoint {
  std::uint32_t line = 0;
  std::uint64_t value = 0;
};

// Thread-safe.
class RaceDetector {
 public:
  struct QueueIds {
    std::uint32_t queue = 0;
    std::uint32_t line = 0;  // the queue's own timeline
  };
  QueueIds add_queue(std::string label);
  std::uint32_t add_line(std::uint64_t initial_value);

  // Submission `value` of `queue`; values of a queue come in order. Returns the races
  // that this submission completes, by itself or by meeting the wait of another one.
  std::vector<Race> submit(std::uint32_t queue, std::uint64_t value, std::string label,
                           DeclaredAccesses accesses, std::vector<LinePoint> waits,
                           std::vector<LinePoint> signals);
  // The host is about to raise `point`, or to fail its line from there on. False, and
  // nothing done, for a value that is there already, which the device will refuse.
  bool host_signal(LinePoint point, std::vector<Race>& races);
  void retract_host_signal(LinePoint point);  // it was refused after all
  // Some host thread knows that `point` is reached. All host threads share one clock:
  // how they are ordered among themselves is not seen here, and an order that is not
  // there is not reported rather than one that is there called a race.
  void host_observes(LinePoint point);
  // The last submission of every queue, for a host that waits for them all.
  std::vector<LinePoint> last_points() const;
  // A buffer is gone; its number never comes again.
  void forget(std::uint64_t buffer);

  // Submissions that still wait for a signal nobody has given.
  std::size_t pending() const;

 private:
  using Clock = std::vector<std::uint64_t>;  // by queue; what is missing is 0
  using ClockPointer = std::shared_ptr<const Clock>;

  struct Pending {
    std::uint64_t value = 0;
    std::string label;
    DeclaredAccesses accesses;
    std::vector<LinePoint> waits;
    std::vector<LinePoint> signals;
    ClockPointer host;  // when it was submitted
  };
  struct QueueState {
    std::string label;
    std::uint32_t line = 0;
    std::uint64_t last = 0;  // submitted
    std::uint64_t done = 0;  // not pending any more
    ClockPointer clock;      // after the last submission that is not pending
    std::deque<Pending> pending;
  };
  struct Line {
    // Clocks by value, the latest kHistory. A wait for an older value gets the oldest
    // that is left: an order that is not there may be assumed, never a race made up.
    std::map<std::uint64_t, ClockPointer> reached;
    std::vector<std::uint32_t> waiters;  // queues whose head waits for it
  };
  struct Past {
    std::uint32_t queue = 0;
    std::uint64_t value = 0;
    std::string label;
    DeclaredAccess access;
  };
  static constexpr std::size_t kHistory = 4096;

  static void join(Clock& clock, const ClockPointer& other);
  ClockPointer find(LinePoint point) const;
  void publish(LinePoint point, const ClockPointer& clock,
               std::vector<std::uint32_t>& ready);
  bool advance(std::uint32_t queue, std::vector<std::uint32_t>& ready,
               std::vector<Race>& races);
  std::vector<Race> settle(std::vector<std::uint32_t> ready);
  void check(const QueueState& queue, std::uint32_t id, const Pending& submission,
             const Clock& clock, std::vector<Race>& races);

  mutable std::mutex mutex_;
  std::vector<QueueState> queues_;
  std::vector<Line> lines_;
  std::map<std::uint64_t, std::vector<Past>> buffers_;
  ClockPointer host_ = std::make_shared<const Clock>();
};

}  // namespace assay::layers

#endif  // ASSAY_BACKENDS_LAYERS_RACE_DETECTOR_H_
