// SPDX-License-Identifier: MIT
#include "backends/interface/memory_pool.h"

#include <algorithm>
#include <new>
#include <utility>

namespace assay {

PoolBlock& PoolBlock::operator=(PoolBlock&& other) noexcept {
  if (this == &other) return *this;
  release();
  pool_ = std::move(other.pool_);
  entry_ = std::exchange(other.entry_, nullptr);
  bytes_ = std::exchange(other.bytes_, 0);
  waits_ = std::exchange(other.waits_, 0);
  return *this;
}

BufferSlice PoolBlock::slice() const {
  if (entry_ == nullptr) {
    throw Error(StatusCode::failed_precondition, "slice of an empty pool block");
  }
  return {entry_->buffer, 0, bytes_};
}

std::span<const Point> PoolBlock::waits() const noexcept {
  if (entry_ == nullptr) return {};
  return std::span(entry_->points).first(waits_);
}

void PoolBlock::used_at(const Point& point) {
  if (entry_ == nullptr) {
    throw Error(StatusCode::failed_precondition, "use of an empty pool block");
  }
  if (!point.timeline) {
    throw Error(StatusCode::invalid_argument, "use of a pool block at a null point");
  }
  const auto uses = std::span(entry_->points).subspan(waits_);
  const auto known = std::ranges::find(uses, point.timeline, &Point::timeline);
  if (known != uses.end()) {
    known->value = std::max(known->value, point.value);
    return;
  }
  try {
    entry_->points.push_back(point);
  } catch (const std::bad_alloc&) {
    throw Error(StatusCode::out_of_memory, "no memory for a death point");
  }
}

void PoolBlock::release() noexcept {
  if (entry_ == nullptr) return;
  pool_->do_release(*std::exchange(entry_, nullptr));
  pool_.reset();
  bytes_ = 0;
  waits_ = 0;
}

Status MemoryPool::allocate(std::size_t bytes, PoolBlock& block, const Point& after) {
  block.release();
  Grant grant;
  Status status = do_allocate(bytes, after, grant);
  if (!status.ok()) return status;
  block.pool_ = self();
  block.entry_ = grant.entry;
  block.bytes_ = bytes;
  block.waits_ = grant.waits;
  return status;
}

}  // namespace assay
