// SPDX-License-Identifier: MIT
// Device memory with a declared kind.
//
//   kind      host can map   kernels can bind   copies
//   host      yes            no                 source and destination   (staging)
//   unified   yes            yes                source and destination
//   device    no             yes                source and destination
//
// The rules hold on every device, also where all three share one heap: code that is
// right on a CPU device is right on a GPU.
#ifndef ASSAY_BACKENDS_INTERFACE_BUFFER_H_
#define ASSAY_BACKENDS_INTERFACE_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace assay {

enum class MemoryKind : std::uint8_t { host, unified, device };
std::string_view to_string(MemoryKind kind) noexcept;

struct BufferDesc {
  std::size_t bytes = 0;  // zero is legal: the buffer can be bound, copied and mapped
  MemoryKind kind = MemoryKind::device;
  std::string label = {};  // for messages and traces
};

// A view of a mapped buffer; unmaps when destroyed. Move-only. Keeps the buffer alive.
class Mapping;

// Owned by shared_ptr; a submission that uses a buffer keeps it alive until its point.
// Contents are undefined until written. Thread-safe, but for races on the contents,
// which are the caller's: order host access and device access through points.
class Buffer : public std::enable_shared_from_this<Buffer> {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  virtual ~Buffer() = default;

  virtual const BufferDesc& desc() const noexcept = 0;
  std::size_t bytes() const noexcept { return desc().bytes; }
  MemoryKind kind() const noexcept { return desc().kind; }

  // Makes [0, bytes) addressable by the host until the Mapping dies. What the device
  // wrote before a point the host has waited for is visible; what the host writes is
  // visible to work submitted after the unmap (or after flush()).
  // Throws not_supported for MemoryKind::device, failed_precondition when the buffer is
  // mapped already.
  Mapping map();

 private:
  friend class Mapping;
  virtual std::span<std::byte> do_map() = 0;
  virtual void do_unmap() noexcept = 0;
  // Makes host writes visible to the device without unmapping; does nothing where
  // memory is coherent.
  virtual void do_flush() noexcept {}
};

class Mapping {
 public:
  Mapping() = default;
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping() { unmap(); }

  std::span<std::byte> bytes() const noexcept { return bytes_; }
  // The contents as elements of T; a trailing part smaller than T is left out.
  template <typename T>
  std::span<T> as() const noexcept {
    return {reinterpret_cast<T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }
  void flush() const noexcept;
  void unmap() noexcept;  // a second call does nothing

 private:
  friend class Buffer;
  Mapping(std::shared_ptr<Buffer> buffer, std::span<std::byte> bytes);
  std::shared_ptr<Buffer> buffer_;
  std::span<std::byte> bytes_;
};

// A byte range of a buffer. kWhole means "from offset to the end".
struct BufferSlice {
  static constexpr std::size_t kWhole = ~std::size_t{0};
  std::shared_ptr<Buffer> buffer;
  std::size_t offset = 0;
  std::size_t bytes = kWhole;
};

struct SliceRange {
  std::size_t offset = 0;
  std::size_t bytes = 0;
};

// Resolves kWhole. Throws invalid_argument, with `what` in front, for a null buffer and
// for a slice that is not inside its buffer.
SliceRange range_of(const BufferSlice& slice, std::string_view what);
// Of two ranges of one buffer: whether a byte is in both.
bool overlap(const SliceRange& a, const SliceRange& b) noexcept;

}  // namespace assay

#endif  // ASSAY_BACKENDS_INTERFACE_BUFFER_H_
