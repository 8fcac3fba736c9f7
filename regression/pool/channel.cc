// SPDX-License-Identifier: MIT
#include "regression/pool/channel.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "backends/interface/status.h"

namespace assay::pool {
namespace {

constexpr std::uint64_t kMagic = 0x4c4f4f5059415353;  // "SSAYPOOL"
// A slot begins with its header, and on a cache line of its own.
constexpr std::size_t kSlotHeader = 64;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

static_assert(std::atomic<std::uint32_t>::is_always_lock_free,
              "shared between processes");

// Not the private kind: the waiter is another process.
void wait_while(std::atomic<std::uint32_t>& word, std::uint32_t value) {
  syscall(SYS_futex, &word, FUTEX_WAIT, value, nullptr, nullptr, 0);
}

void wake(std::atomic<std::uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE, std::numeric_limits<int>::max(), nullptr,
          nullptr, 0);
}

}  // namespace

// Counters only grow, modulo 2^32; `written - read` messages are in the ring. A line
// each: two processes write them.
struct Channel::Ring {
  alignas(64) std::atomic<std::uint32_t> written;  // also what the reader sleeps on
  alignas(64) std::atomic<std::uint32_t> read;     // also what the writer sleeps on
};

struct Channel::Header {
  std::uint64_t magic;
  std::uint32_t slots;
  std::uint64_t slot_bytes;
  std::atomic<std::uint32_t> closed;
  Ring requests;
  Ring replies;
};

struct Channel::Slot {
  std::uint64_t id;
  std::uint32_t failed;
  std::uint32_t size;
  char* text() noexcept { return reinterpret_cast<char*>(this + 1); }
};

namespace {

std::size_t ring_bytes(const ChannelShape& shape) {
  return shape.slots * (shape.slot_bytes + kSlotHeader);
}

}  // namespace

Channel::Channel(int fd, const ChannelShape& shape) : fd_(fd), shape_(shape) {
  const std::size_t bytes = sizeof(Header) + 2 * ring_bytes(shape);
  void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) {
    const int error = errno;
    ::close(fd_);
    throw Error(
        StatusCode::internal,
        std::string("cannot map the memory of a worker: ") + std::strerror(error));
  }
  header_ = static_cast<Header*>(memory);
}

Channel Channel::create(const ChannelShape& shape) {
  if (!std::has_single_bit(shape.slots) || shape.slot_bytes == 0 ||
      shape.slot_bytes % 64 != 0 || ring_bytes(shape) > kMostBytes) {
    throw Error(StatusCode::invalid_argument,
                "a channel needs a power of two of slots and a multiple of 64 bytes in "
                "each, 1 GiB at most");
  }
  const int fd = memfd_create("assay-pool", MFD_CLOEXEC);
  const std::size_t bytes = sizeof(Header) + 2 * ring_bytes(shape);
  if (fd < 0 || ftruncate(fd, static_cast<off_t>(bytes)) != 0) {
    const int error = errno;
    if (fd >= 0) ::close(fd);
    throw Error(StatusCode::internal,
                std::string("cannot create shared memory: ") + std::strerror(error));
  }
  Channel channel(fd, shape);
  // The memory is zero, as the counters have to be.
  channel.header_->slots = shape.slots;
  channel.header_->slot_bytes = shape.slot_bytes;
  channel.header_->magic = kMagic;
  return channel;
}

Channel Channel::attach(int fd) {
  const off_t size = lseek(fd, 0, SEEK_END);
  ChannelShape shape{1, 64};
  if (size >= static_cast<off_t>(sizeof(Header) + 2 * ring_bytes(shape))) {
    const Channel head(dup(fd), shape);
    if (head.header_->magic == kMagic) {
      return Channel(fd, {head.header_->slots, head.header_->slot_bytes});
    }
  }
  throw Error(StatusCode::bad_file, "this process was not started by a pool");
}

Channel::Channel(Channel&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      shape_(other.shape_),
      header_(std::exchange(other.header_, nullptr)) {}

Channel::~Channel() {
  if (header_ != nullptr) munmap(header_, sizeof(Header) + 2 * ring_bytes(shape_));
  if (fd_ >= 0) ::close(fd_);
}

Channel::Slot& Channel::slot(const Ring& ring, std::uint32_t index) const noexcept {
  // Computed here: what stands in the memory may be nonsense.
  const std::size_t first = &ring == &header_->requests ? 0 : ring_bytes(shape_);
  const std::size_t at =
      sizeof(Header) + first +
      (index & (shape_.slots - 1)) * (shape_.slot_bytes + kSlotHeader);
  return *reinterpret_cast<Slot*>(reinterpret_cast<char*>(header_) + at);
}

void Channel::put(Ring& ring, const Message& message) {
  if (message.text.size() > shape_.slot_bytes) {
    throw Error(StatusCode::invalid_argument, "a message of " +
                                                  std::to_string(message.text.size()) +
                                                  " bytes is longer than a slot of " +
                                                  std::to_string(shape_.slot_bytes));
  }
  const std::uint32_t at = ring.written.load(std::memory_order_relaxed);
  Slot& into = slot(ring, at);
  into.id = message.id;
  into.failed = message.failed ? 1 : 0;
  into.size = static_cast<std::uint32_t>(message.text.size());
  std::memcpy(into.text(), message.text.data(), message.text.size());
  ring.written.store(at + 1, std::memory_order_release);
  wake(ring.written);
}

std::optional<Message> Channel::take(Ring& ring) {
  const std::uint32_t at = ring.read.load(std::memory_order_relaxed);
  const std::uint32_t there = ring.written.load(std::memory_order_acquire) - at;
  if (there == 0) return std::nullopt;
  Slot& from = slot(ring, at);
  // Read once: the other side could still be writing.
  const std::uint32_t size = from.size;
  if (there > shape_.slots || size > shape_.slot_bytes) {
    throw Error(StatusCode::bad_file, "the other end of a channel is broken");
  }
  Message message{from.id, from.failed != 0, std::string(from.text(), size)};
  ring.read.store(at + 1, std::memory_order_release);
  wake(ring.read);
  return message;
}

bool Channel::send_request(const Message& request) {
  Ring& ring = header_->requests;
  if (ring.written.load() - ring.read.load() >= shape_.slots) return false;
  put(ring, request);
  return true;
}

std::uint32_t Channel::taken() const noexcept { return header_->requests.read.load(); }

std::optional<Message> Channel::next_reply() { return take(header_->replies); }

void Channel::close() noexcept {
  header_->closed.store(1);
  // The sleeper looks at `written`, so it has to change for nobody to miss this.
  header_->requests.written.fetch_add(1);
  wake(header_->requests.written);
}

std::optional<Message> Channel::next_request() {
  Ring& ring = header_->requests;
  for (;;) {
    const std::uint32_t written = ring.written.load(std::memory_order_acquire);
    if (header_->closed.load() != 0) return std::nullopt;
    if (auto request = take(ring)) return request;
    wait_while(ring.written, written);
  }
}

void Channel::send_reply(const Message& reply) {
  Ring& ring = header_->replies;
  for (;;) {
    const std::uint32_t read = ring.read.load(std::memory_order_acquire);
    if (ring.written.load() - read < shape_.slots) break;
    wait_while(ring.read, read);
  }
  put(ring, reply);
}

}  // namespace assay::pool
