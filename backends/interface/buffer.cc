// SPDX-License-Identifier: MIT
#include "backends/interface/buffer.h"

#include <algorithm>
#include <utility>

#include "backends/interface/status.h"

namespace assay {

std::string_view to_string(MemoryKind kind) noexcept {
  switch (kind) {
    case MemoryKind::host:
      return "host";
    case MemoryKind::unified:
      return "unified";
    case MemoryKind::device:
      return "device";
  }
  return "unknown";
}

Mapping Buffer::map() {
  const std::span<std::byte> bytes = do_map();
  return {shared_from_this(), bytes};
}

Mapping::Mapping(std::shared_ptr<Buffer> buffer, std::span<std::byte> bytes)
    : buffer_(std::move(buffer)), bytes_(bytes) {}

Mapping::Mapping(Mapping&& other) noexcept
    : buffer_(std::move(other.buffer_)), bytes_(std::exchange(other.bytes_, {})) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  if (this != &other) {
    unmap();
    buffer_ = std::move(other.buffer_);
    bytes_ = std::exchange(other.bytes_, {});
  }
  return *this;
}

void Mapping::flush() const noexcept {
  if (buffer_) buffer_->do_flush();
}

void Mapping::unmap() noexcept {
  if (!buffer_) return;
  buffer_->do_unmap();
  buffer_.reset();
  bytes_ = {};
}

SliceRange range_of(const BufferSlice& slice, std::string_view what) {
  if (!slice.buffer) invalid(std::string(what) + ": null buffer");
  const std::size_t size = slice.buffer->bytes();
  const std::size_t bytes = slice.bytes == BufferSlice::kWhole && slice.offset <= size
                                ? size - slice.offset
                                : slice.bytes;
  if (slice.offset > size || bytes > size - slice.offset) {
    invalid(std::string(what) + ": [" + std::to_string(slice.offset) + ", +" +
            std::to_string(bytes) + ") is outside the buffer of " +
            std::to_string(size) + " bytes");
  }
  return {slice.offset, bytes};
}

bool overlap(const SliceRange& a, const SliceRange& b) noexcept {
  return std::max(a.offset, b.offset) <
         std::min(a.offset + a.bytes, b.offset + b.bytes);
}

}  // namespace assay
