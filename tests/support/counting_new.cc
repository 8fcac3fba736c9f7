// SPDX-License-Identifier: MIT
#include "tests/support/counting_new.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

// The linker sends calls of aligned_alloc to __wrap_aligned_alloc (CMakeLists.txt).
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): its names.
extern "C" void* __real_aligned_alloc(std::size_t alignment, std::size_t bytes);
extern "C" void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes);
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace assay::testing_support {
namespace {

constexpr std::int64_t kNever = -1;

// Constant-initialized: operator new runs before any constructor.
std::atomic<std::uint64_t> total = 0;
std::atomic<std::int64_t> living = 0;
// Counts down; the allocation that finds 0 fails. Negative: none does.
std::atomic<std::int64_t> until_failure = kNever;
std::atomic<bool> failed = false;

bool fails_now() noexcept {
  total.fetch_add(1, std::memory_order_relaxed);
  if (until_failure.load(std::memory_order_relaxed) < 0) return false;
  if (until_failure.fetch_sub(1) != 0) return false;
  failed = true;
  return true;
}

void* allocate(std::size_t bytes, std::size_t alignment) {
  if (fails_now()) throw std::bad_alloc();
  // aligned_alloc wants a multiple of the alignment, and an address for nothing too.
  const std::size_t rounded = (bytes / alignment + 1) * alignment;
  void* memory = alignment <= alignof(std::max_align_t)
                     ? std::malloc(bytes == 0 ? 1 : bytes)
                     : __real_aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  living.fetch_add(1, std::memory_order_relaxed);
  return memory;
}

}  // namespace

std::uint64_t allocations() noexcept { return total.load(); }
std::int64_t living_allocations() noexcept { return living.load(); }

FailingAllocation::FailingAllocation(std::uint64_t which) noexcept {
  failed = false;
  until_failure = static_cast<std::int64_t>(which);
}
FailingAllocation::~FailingAllocation() { until_failure = kNever; }
bool FailingAllocation::happened() const noexcept { return failed.load(); }

}  // namespace assay::testing_support

// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" void* __wrap_aligned_alloc(std::size_t alignment, std::size_t bytes) {
  if (assay::testing_support::fails_now()) return nullptr;
  return __real_aligned_alloc(alignment, bytes);
}

// clang declares these only under -fsized-deallocation; the standard library was built
// with them.
void operator delete(void* memory, std::size_t bytes) noexcept;
void operator delete(void* memory, std::size_t bytes,
                     std::align_val_t alignment) noexcept;

// The nothrow and the array forms of the library call these.
void* operator new(std::size_t bytes) {
  return assay::testing_support::allocate(bytes, 1);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return assay::testing_support::allocate(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  assay::testing_support::living.fetch_sub(1, std::memory_order_relaxed);
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*bytes*/) noexcept {
  operator delete(memory);
}
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
  operator delete(memory);
}
void operator delete(void* memory, std::size_t /*bytes*/,
                     std::align_val_t /*alignment*/) noexcept {
  operator delete(memory);
}
