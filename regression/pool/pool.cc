// SPDX-License-Identifier: MIT
#include "regression/pool/pool.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "backends/interface/status.h"
#include "regression/pool/process.h"

namespace assay::pool {
namespace {

using Clock = std::chrono::steady_clock;

// How often workers are looked after: a death is told within this and the time of one
// round.
constexpr std::chrono::milliseconds kLookEvery{50};
// This many workers in a row that die before their first answer: there is no point in
// another one.
constexpr std::uint32_t kMostFalseStarts = 8;

struct Job {
  std::uint64_t id = 0;
  Request request;
  std::promise<Reply> promise;
};

// A worker and what it has been given: the oldest first, answered in this order.
struct Place {
  std::unique_ptr<Process> process;
  std::deque<Job> given;
  std::uint32_t answered = 0;  // requests, ever
  Clock::time_point since;     // when the oldest became the one being served
};

}  // namespace

class Pool::Impl {
 public:
  explicit Impl(Options options) : options_(std::move(options)) {
    if (options_.workers == 0 || options_.depth == 0 ||
        options_.depth > options_.shape.slots) {
      throw Error(StatusCode::invalid_argument,
                  "a pool needs a worker, and a depth from 1 to the slots of a ring");
    }
    bell_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (bell_ < 0) {
      throw Error(StatusCode::internal,
                  std::string("cannot make a pool: ") + std::strerror(errno));
    }
    auto started = std::make_shared<std::promise<void>>();
    std::future<void> ready = started->get_future();
    // Workers die with the thread that starts them, so one thread starts them all and
    // stays until the end.
    thread_ = std::thread([this, started] { live(*started); });
    try {
      ready.get();
    } catch (const std::exception&) {
      thread_.join();
      ::close(bell_);
      throw;
    }
  }

  ~Impl() {
    close(std::chrono::milliseconds(1000));
    ::close(bell_);
  }

  std::future<Reply> submit(Request request, std::chrono::milliseconds timeout) {
    if (request.text.size() > options_.shape.slot_bytes) {
      throw Error(StatusCode::invalid_argument,
                  request.label + ": a request of " +
                      std::to_string(request.text.size()) +
                      " bytes is longer than a slot of " +
                      std::to_string(options_.shape.slot_bytes));
    }
    std::unique_lock lock(mutex_);
    const auto open = [this] {
      return closing_ || queue_.size() < options_.queue_limit;
    };
    if (timeout == std::chrono::milliseconds::max()) {
      room_.wait(lock, open);
    } else if (!room_.wait_for(lock, timeout, open)) {
      throw Error(StatusCode::resource_exhausted,
                  "the pool's queue is full: " + std::to_string(queue_.size()) +
                      " requests wait for a worker");
    }
    if (closing_) throw Error(StatusCode::failed_precondition, "the pool is closed");
    Job job;
    job.id = ++stats_.submitted;
    job.request = std::move(request);
    std::future<Reply> future = job.promise.get_future();
    queue_.push_back(std::move(job));
    lock.unlock();
    ring();
    return future;
  }

  void close(std::chrono::milliseconds grace) {
    {
      const std::lock_guard lock(mutex_);
      if (!closing_) deadline_ = Clock::now() + grace;
      closing_ = true;
    }
    room_.notify_all();
    ring();
    const std::lock_guard lock(join_mutex_);
    if (thread_.joinable()) thread_.join();
  }

  std::vector<int> workers() const {
    const std::lock_guard lock(mutex_);
    return ids_;
  }

  Stats stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

 private:
  void ring() const { eventfd_write(bell_, 1); }

  // The thread that owns the workers, from here on down.
  void live(std::promise<void>& started) {
    try {
      places_ = std::vector<Place>(options_.workers);
      for (Place& place : places_) start(place);
      publish();
      started.set_value();
    } catch (const std::exception&) {
      places_.clear();
      started.set_exception(std::current_exception());
      return;
    }
    Clock::time_point looked = Clock::now();
    while (!finished()) {
      pollfd bell{bell_, POLLIN, 0};
      poll(&bell, 1, static_cast<int>(kLookEvery.count()));
      eventfd_t rung = 0;
      eventfd_read(bell_, &rung);
      for (Place& place : places_) collect(place);
      if (Clock::now() - looked >= kLookEvery) {
        for (Place& place : places_) look_after(place);
        looked = Clock::now();
      }
      hand_out();
    }
    shut_down();
  }

  void start(Place& place) {
    place.process = std::make_unique<Process>(options_, bell_);
    place.answered = 0;
  }

  void publish() {
    const std::lock_guard lock(mutex_);
    ids_.clear();
    for (const Place& place : places_) {
      if (place.process) ids_.push_back(place.process->id());
    }
  }

  void settle(Job& job, Reply::End end, int code, std::string text) {
    Reply reply{end, code, std::move(job.request.label), std::move(text)};
    {
      const std::lock_guard lock(mutex_);
      ++stats_.completed;
      stats_.lost += end == Reply::End::replied || end == Reply::End::failed ? 0 : 1;
    }
    job.promise.set_value(std::move(reply));
  }

  // Throws Error(bad_file) for what no worker means.
  void drain(Place& place) {
    while (auto message = place.process->channel().next_reply()) {
      if (place.given.empty() || place.given.front().id != message->id) {
        throw Error(StatusCode::bad_file, "a reply to nothing");
      }
      settle(place.given.front(),
             message->failed ? Reply::End::failed : Reply::End::replied, 0,
             std::move(message->text));
      place.given.pop_front();
      place.since = Clock::now();
      ++place.answered;
      false_starts_ = 0;
    }
  }

  void collect(Place& place) {
    if (!place.process) return;
    try {
      drain(place);
    } catch (const Error& error) {
      lose(place, Reply::End::broken, 0, error.what());
    }
  }

  void look_after(Place& place) {
    if (!place.process) {
      // Given up while nobody answered; somebody may have since.
      if (false_starts_ < kMostFalseStarts) replace(place);
      return;
    }
    if (const auto fate = place.process->fate()) {
      lose(place, fate->end, fate->code, {});
      return;
    }
    const bool hung = options_.request_timeout.count() > 0 && !place.given.empty() &&
                      Clock::now() - place.since >= options_.request_timeout;
    if (hung) lose(place, Reply::End::hung, 0, {});
  }

  // Ends the worker. What it had taken is lost; what it had not goes to another one.
  void lose(Place& place, Reply::End end, int code, const std::string& text) {
    if (place.answered == 0) ++false_starts_;
    place.process->end();
    if (end != Reply::End::broken) {
      // It may have answered until then.
      try {
        drain(place);
      } catch (const Error&) {
        end = Reply::End::broken;
      }
    }
    const std::uint32_t taken = place.process->channel().taken() - place.answered;
    // Nonsense in the shared counters must not lose more than there is.
    std::size_t lost = std::min<std::size_t>(taken, place.given.size());
    for (; lost > 0; --lost) {
      settle(place.given.front(), end, code, text);
      place.given.pop_front();
    }
    {
      const std::lock_guard lock(mutex_);
      for (; !place.given.empty(); place.given.pop_back()) {
        queue_.push_front(std::move(place.given.back()));
      }
    }
    place.process.reset();
    if (false_starts_ < kMostFalseStarts) replace(place);
    publish();
  }

  void replace(Place& place) {
    try {
      start(place);
    } catch (const Error&) {
      false_starts_ = kMostFalseStarts;
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      ++stats_.replaced;
    }
    publish();
  }

  bool any_worker() const {
    for (const Place& place : places_) {
      if (place.process) return true;
    }
    return false;
  }

  std::optional<Job> next() {
    const std::lock_guard lock(mutex_);
    if (closing_ || queue_.empty()) return std::nullopt;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    return job;
  }

  // The worker with the least to do, and of equals the next in turn.
  Place* free_place() {
    Place* best = nullptr;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      Place& place = places_[(turn_ + i) % places_.size()];
      if (!place.process || place.given.size() >= options_.depth) continue;
      if (best == nullptr || place.given.size() < best->given.size()) best = &place;
    }
    return best;
  }

  void hand_out() {
    const bool hopeless = !any_worker();
    for (;;) {
      Place* const place = hopeless ? nullptr : free_place();
      if (place == nullptr && !hopeless) break;
      std::optional<Job> job = next();
      if (!job) break;
      if (hopeless) {
        settle(*job, Reply::End::not_started, 0, {});
        continue;
      }
      if (place->given.empty()) place->since = Clock::now();
      place->process->channel().send_request({job->id, false, job->request.text});
      turn_ = static_cast<std::size_t>(place - places_.data()) + 1;
      place->given.push_back(std::move(*job));
    }
    room_.notify_all();
  }

  // Closing: when nobody has anything left, or the grace is over.
  bool finished() {
    const std::lock_guard lock(mutex_);
    if (!closing_) return false;
    if (Clock::now() >= deadline_) return true;
    for (const Place& place : places_) {
      if (!place.given.empty()) return false;
    }
    return true;
  }

  void shut_down() {
    for (Place& place : places_) {
      if (place.process) place.process->channel().close();
    }
    const auto gone = [](Place& place) {
      return !place.process || place.process->fate().has_value();
    };
    // A worker without work leaves at once; one that does not is killed.
    Clock::time_point deadline;
    {
      const std::lock_guard lock(mutex_);
      deadline = deadline_;
    }
    for (Place& place : places_) {
      bool left = gone(place);
      while (!left && Clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        left = gone(place);
      }
      place.process.reset();
      for (Job& job : place.given) settle(job, Reply::End::shut_down, 0, {});
      place.given.clear();
    }
    publish();
    std::deque<Job> waiting;
    {
      const std::lock_guard lock(mutex_);
      waiting.swap(queue_);
    }
    for (Job& job : waiting) settle(job, Reply::End::shut_down, 0, {});
  }

  const Options options_;
  int bell_ = -1;  // rung by workers after a reply, and by submitters
  std::thread thread_;
  std::mutex join_mutex_;

  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::deque<Job> queue_;
  bool closing_ = false;
  Clock::time_point deadline_;
  Stats stats_;
  std::vector<int> ids_;

  // Of the thread that owns the workers.
  std::vector<Place> places_;
  std::size_t turn_ = 0;
  std::uint32_t false_starts_ = 0;
};

Pool::Pool(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Pool::~Pool() = default;

std::future<Reply> Pool::submit(Request request, std::chrono::milliseconds timeout) {
  return impl_->submit(std::move(request), timeout);
}

void Pool::close(std::chrono::milliseconds grace) { impl_->close(grace); }
std::vector<int> Pool::workers() const { return impl_->workers(); }
Stats Pool::stats() const { return impl_->stats(); }

}  // namespace assay::pool
