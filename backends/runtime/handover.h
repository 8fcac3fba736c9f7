// SPDX-License-Identifier: MIT
// A submission left to the host thread that made it.
//
// A program that submits one thing and waits for it at once is best served by its own
// thread: it stands ready, while a unit's thread has to be woken (16-50 us on a VM),
// and one that spins for work takes a processor from those that compute. So each queue
// remembers whether its submitters come to wait at once; while they do, an engine may
// hold a submission for them. Who takes it back runs it: the waiting thread, or whoever
// sees that nobody waits.
#ifndef ASSAY_BACKENDS_RUNTIME_HANDOVER_H_
#define ASSAY_BACKENDS_RUNTIME_HANDOVER_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace assay::runtime {

class QueueCore;

// How long a watcher sleeps that looks for what nobody came for: a kWatchShare-th of
// the time since a habit was last broken, so that breaking one costs a program 3 % of
// its time at most. A wake-up costs a busy processor of a VM some 25 us, and a watcher
// that slept 1 ms for ever cost two processes on two processors 2.7 % of their rate.
inline constexpr std::uint64_t kLeastWatchNs = 1'000'000;
inline constexpr std::uint64_t kMostWatchNs = 8'000'000;
inline constexpr std::uint64_t kWatchShare = 32;
constexpr std::uint64_t watch_ns(std::uint64_t broken_ns,
                                 std::uint64_t now_ns) noexcept {
  // Another thread's clock may have been read later than this one's.
  const std::uint64_t kept = now_ns > broken_ns ? now_ns - broken_ns : 0;
  return std::clamp(kept / kWatchShare, kLeastWatchNs, kMostWatchNs);
}

// Thread-safe. held() and take() may be called at any time; hold() only by who made the
// queue runnable, and before the queue is made known to anybody else.
class Handover {
 public:
  // So many prompt waits make a habit, ...
  static constexpr std::uint32_t kHabit = 16;
  // ... and a long habit survives two late ones: a thread may lose its processor.
  static constexpr std::uint32_t kMostPrompt = 4 * kHabit;
  // From the return of submit() to the wait is some 100 ns; more under sanitizers.
  static constexpr std::uint64_t kPromptNs = 10'000;

  bool expected() const noexcept {
    return prompt_.load(std::memory_order_relaxed) >= kHabit;
  }
  bool promising() const noexcept {
    return prompt_.load(std::memory_order_relaxed) != 0;
  }
  // By its habit the submitter of what made the queue runnable last is on its way to
  // wait for it, or has just come.
  bool coming(std::uint64_t now_ns) const noexcept {
    return expected() && now_ns <= since_ns() + kPromptNs;
  }

  // Some host thread is here, spinning for the queue or working on it.
  class Waiting {
   public:
    // Null: for no queue that is known.
    explicit Waiting(Handover* handover) noexcept : handover_(handover) {
      if (handover_) handover_->waiting_.fetch_add(1, std::memory_order_relaxed);
    }
    ~Waiting() {
      if (handover_) handover_->waiting_.fetch_sub(1, std::memory_order_relaxed);
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    Handover* handover_;
  };
  bool waiting() const noexcept {
    return waiting_.load(std::memory_order_relaxed) != 0;
  }

  // A host thread waits now for submission `value`, the last one. Where there were
  // others since the last wait it is a stream's, and no sign of a habit: what is held
  // for a stream is held for nothing.
  void waited(std::uint64_t value, std::uint64_t now_ns) noexcept {
    const std::uint32_t prompt = prompt_.load(std::memory_order_relaxed);
    const bool alone =
        value == waited_value_.exchange(value, std::memory_order_relaxed) + 1;
    const bool late = !alone || now_ns > since_ns() + kPromptNs;
    prompt_.store(late ? prompt / 2 : std::min(prompt + 1, kMostPrompt),
                  std::memory_order_relaxed);
  }
  // Nobody came: a whole habit has to grow before it is believed again.
  void forget() noexcept { prompt_.store(0, std::memory_order_relaxed); }

  // When the queue last became runnable by a submission.
  void submitted(std::uint64_t now_ns) noexcept {
    since_ns_.store(now_ns, std::memory_order_relaxed);
  }
  std::uint64_t since_ns() const noexcept {
    return since_ns_.load(std::memory_order_relaxed);
  }

  // Keeps the queue alive until it is taken. Sequentially consistent, as held() is: who
  // holds and then looks for a watcher, and a watcher who leaves and then looks for
  // what is held, do not miss each other.
  void hold(std::shared_ptr<QueueCore> queue) noexcept {
    queue_ = std::move(queue);
    held_.store(true, std::memory_order_seq_cst);
  }
  bool held() const noexcept { return held_.load(std::memory_order_seq_cst); }
  // The queue, for one caller; null when it is not held.
  std::shared_ptr<QueueCore> take() noexcept {
    if (!held() || !held_.exchange(false, std::memory_order_acq_rel)) return nullptr;
    return std::move(queue_);
  }

  // The compute unit that ran it last: its scratch memory is warm there.
  std::uint32_t unit() const noexcept { return unit_.load(std::memory_order_relaxed); }
  void set_unit(std::uint32_t unit) noexcept {
    unit_.store(unit, std::memory_order_relaxed);
  }

 private:
  std::atomic<bool> held_{false};
  std::atomic<std::uint32_t> prompt_{0};
  std::atomic<std::uint32_t> unit_{0};
  std::atomic<std::uint32_t> waiting_{0};
  std::atomic<std::uint64_t> since_ns_{0};
  std::atomic<std::uint64_t> waited_value_{0};
  std::shared_ptr<QueueCore>
      queue_;  // belongs to who set held_, then to who cleared it
};

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_HANDOVER_H_
