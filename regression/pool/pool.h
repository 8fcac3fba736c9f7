// SPDX-License-Identifier: MIT
// A pool of worker processes. A request goes in, a future comes out, and whatever a
// worker does (crash, stop, hang, be killed) becomes a reply that says so: the request
// that was being served is lost, the worker is replaced, and the rest goes on.
#ifndef ASSAY_REGRESSION_POOL_POOL_H_
#define ASSAY_REGRESSION_POOL_POOL_H_

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "regression/measure/environment.h"
#include "regression/pool/channel.h"

namespace assay::pool {

struct Options {
  std::string executable = "/proc/self/exe";
  // After the executable's name; "%p" becomes the id of this process, for serve().
  std::vector<std::string> arguments;
  measure::Environment environment;
  std::uint32_t workers = 1;
  std::uint32_t queue_limit = 1024;  // requests that wait for a worker
  // A request is given up, and its worker killed, after this long. 0: never.
  std::chrono::milliseconds request_timeout{0};
  // Requests in a worker's ring: with 2 it has the next one at hand when it has
  // answered; with 1 a request never waits behind another while a worker is free.
  std::uint32_t depth = 2;
  ChannelShape shape;
  int data_fd = -1;  // becomes kDataFd of each worker; borrowed, open until the end
};

struct Request {
  std::string label;  // the case: for the description of what happened to it
  std::string text;
};

struct Reply {
  enum class End : std::uint8_t {
    replied,
    failed,       // the handler threw; `text` says what
    exited,       // the worker ended by itself; `code` is its exit status
    killed,       // `code` is the signal
    stopped,      // `code` is the signal; the worker was killed then
    hung,         // longer than request_timeout; the worker was killed
    broken,       // the worker left nonsense in its channel, and was killed
    not_started,  // workers die before they answer anything
    shut_down,    // the pool was closed first
  };
  End end = End::shut_down;
  int code = 0;
  std::string label;
  std::string text;
  bool ok() const noexcept { return end == End::replied; }
  // "matmul 512: the worker was killed by signal 11 (Segmentation fault)"
  std::string description() const;
};

struct Stats {
  std::uint64_t submitted = 0;
  std::uint64_t completed = 0;  // all ends
  std::uint64_t lost = 0;       // of these, with a worker
  std::uint64_t replaced = 0;   // workers
};

// Thread-safe. A death or a stop is reported within 0.1 s, a hang within that after its
// time-out. Workers die with this process, whatever ends it; the destructor, or
// close(), leaves neither process nor descriptor behind.
class Pool {
 public:
  // Starts the workers. Throws Error when there can be none: invalid_argument for
  // options that cannot be, internal when the system refuses.
  explicit Pool(Options options);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Waits up to `timeout` while the queue is full, then throws
  // Error(resource_exhausted). Throws invalid_argument for a text longer than a slot,
  // failed_precondition after close(). A free worker is given at most `depth` requests;
  // workers take turns.
  std::future<Reply> submit(Request request, std::chrono::milliseconds timeout =
                                                 std::chrono::milliseconds::max());

  // Lets workers finish what they have begun, for `grace`; then kills them. Everything
  // that has no reply by then is shut_down. A second call does nothing.
  void close(std::chrono::milliseconds grace = std::chrono::milliseconds(1000));

  // Process ids, in no order; a worker that is being replaced has none.
  std::vector<int> workers() const;
  Stats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace assay::pool

#endif  // ASSAY_REGRESSION_POOL_POOL_H_
