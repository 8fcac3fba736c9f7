// SPDX-License-Identifier: MIT
// The shared memory of one worker: a ring of requests and a ring of replies, each with
// one writer and one reader. A worker that goes mad can only spoil its own channel, and
// what it leaves there is checked before it is used.
#ifndef ASSAY_REGRESSION_POOL_CHANNEL_H_
#define ASSAY_REGRESSION_POOL_CHANNEL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay::pool {

struct ChannelShape {
  std::uint32_t slots = 4;  // of each ring: a power of two
  std::size_t slot_bytes = std::size_t{64} << 10;
};

struct Message {
  std::uint64_t id = 0;
  bool failed = false;  // of a reply: the handler threw; `text` says what
  std::string text;
};

// Each end is used by one thread at a time. Move-only; unmaps and closes.
class Channel {
 public:
  // The pool's end. Throws Error: invalid_argument for a shape that cannot be, internal
  // when there is no memory.
  static Channel create(const ChannelShape& shape);
  // The worker's end; takes the descriptor over. Throws Error(bad_file) when the memory
  // is no channel.
  static Channel attach(int fd);
  Channel(Channel&& other) noexcept;
  Channel& operator=(Channel&&) = delete;
  ~Channel();

  int fd() const noexcept { return fd_; }
  std::size_t slot_bytes() const noexcept { return shape_.slot_bytes; }

  // The pool's side. False when the ring is full. Longer than a slot: throws
  // Error(invalid_argument).
  bool send_request(const Message& request);
  // Requests that the worker has taken out, ever.
  std::uint32_t taken() const noexcept;
  // The next reply, or none. Throws Error(bad_file) when the worker has written what it
  // cannot mean.
  std::optional<Message> next_reply();
  void close() noexcept;  // the worker's next_request() returns none

  // The worker's side. Waits; none once the pool has closed the channel.
  std::optional<Message> next_request();
  // Waits for room. Longer than a slot: throws Error(invalid_argument).
  void send_reply(const Message& reply);

 private:
  struct Header;
  struct Ring;
  struct Slot;
  Channel(int fd, const ChannelShape& shape);
  Slot& slot(const Ring& ring, std::uint32_t index) const noexcept;
  void put(Ring& ring, const Message& message);
  std::optional<Message> take(Ring& ring);

  int fd_ = -1;
  ChannelShape shape_;
  Header* header_ = nullptr;
};

}  // namespace assay::pool

#endif  // ASSAY_REGRESSION_POOL_CHANNEL_H_
