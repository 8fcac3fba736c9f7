// SPDX-License-Identifier: MIT
// Short ways to the buffers, kernels and command buffers that tests are made of.
//
// The kernels touch buffers with plain loads and stores wherever the contract orders
// them: under ThreadSanitizer a missing order is then a reported race, also when the
// values happen to come out right.
#ifndef TESTS_CONFORMANCE_RECIPES_H_
#define TESTS_CONFORMANCE_RECIPES_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "backends/interface/device.h"

namespace assay::conformance {

using Words = std::vector<std::uint32_t>;
using Commands = std::shared_ptr<CommandBuffer>;

inline constexpr auto kInvalid = StatusCode::invalid_argument;
inline constexpr auto kRefused = StatusCode::failed_precondition;

// --- buffers ---

std::shared_ptr<Buffer> make_buffer(Device& device, std::size_t bytes,
                                    MemoryKind kind = MemoryKind::unified);
// A unified buffer of `count` words, all `value`.
std::shared_ptr<Buffer> make_words(Device& device, std::size_t count,
                                   std::uint32_t value = 0);
// Contents of a buffer of any kind: directly where it can be mapped, else by a copy
// through a staging buffer. The caller has waited for the work that writes it.
std::vector<std::byte> read_bytes(Device& device,
                                  const std::shared_ptr<Buffer>& buffer);
Words read_words(Device& device, const std::shared_ptr<Buffer>& buffer);
void write_bytes(Device& device, const std::shared_ptr<Buffer>& buffer,
                 std::span<const std::byte> bytes);
// `count` bytes that repeat with a period of 251, so that no offset looks like another
// one nearby.
std::vector<std::byte> pattern_bytes(std::size_t count, unsigned seed = 0);

// --- command buffers ---

Commands record(Device& device, const std::function<void(CommandEncoder&)>& body,
                Ordering ordering = Ordering::sequential);
// One host call.
Commands host_work(Device& device, std::function<void()> body);
// One host call that ends with `status`.
Commands failing_work(Device& device, const Status& status);

// --- kernels ---

// Calls `body` for each group. Only for devices that run host functions.
KernelDesc function_kernel(std::function<void(const GroupContext&)> body,
                           std::vector<Access> bindings = {},
                           std::size_t constants_bytes = 0,
                           std::size_t local_bytes = 0);
// Calls `body` for each group of a dispatch of its own; on a device that runs no host
// functions, for each group that a host call counts up.
Commands kernel_work(Device& device, std::function<void(const GroupContext&)> body,
                     Dim3 groups = {1, 1, 1});

// The words of binding `index` that belong to this group: an even share.
std::span<std::uint32_t> my_words(const GroupContext& context, std::size_t index);
// Its place in the grid, x fastest.
std::size_t linear_group(const GroupContext& context);

// Those below have device code besides: they run on every device.

// x[i] = multiplier * x[i] + addend.
struct AffineConstants {
  std::uint32_t multiplier = 1;
  std::uint32_t addend = 0;
};
KernelDesc affine_kernel();
// x[i] = value. Constants: one word.
KernelDesc write_kernel();
// destination[i] = source[i]. Bindings: source, destination of the same size.
KernelDesc copy_kernel();
// counter[0] += 1, atomically, in each group.
KernelDesc count_kernel();
// Bindings: data, errors (one word). Where data[i] is not `expected`, adds to errors,
// atomically; then data[i] = expected + 1. Constants: one word, `expected`. Run for
// 0, 1, 2, ... it sees any submission that is lost, doubled, early or torn.
KernelDesc relay_kernel();

// target[i] = target[i] * 1664525 + (source[i] ^ constant). Bindings: source, target.
// Constants: one word.
KernelDesc mix_kernel();
void mix_words(std::span<std::uint32_t> target, std::span<const std::uint32_t> source,
               std::uint32_t constant);
// Bindings: runs (a word each group), strangers (one word). Counts each group once, by
// its place in the grid; one that is outside the grid of the constants (a Dim3), or is
// told another grid, counts as a stranger.
KernelDesc stamp_kernel();
// Each group writes the constants to its place in binding 0. Device code for
// kEchoBytes; host code for any number.
inline constexpr std::size_t kEchoBytes = 128;
KernelDesc echo_kernel(std::size_t constants_bytes = kEchoBytes);
// Bindings: three of any access, and an array. Each group writes how many words each of
// the three has, at its place in the array.
KernelDesc sizes_kernel();

// --- observation
// -----------------------------------------------------------------------

// Counts who is inside, to hold a device to its Caps::compute_units.
class Occupancy {
 public:
  void enter(std::uint32_t units = 1) noexcept {
    const std::uint32_t now = inside_.fetch_add(units) + units;
    std::uint32_t peak = peak_.load();
    while (peak < now && !peak_.compare_exchange_weak(peak, now)) {
    }
  }
  void leave(std::uint32_t units = 1) noexcept { inside_.fetch_sub(units); }
  // Enters, stays long enough for whoever else is let in to come, and leaves. By the
  // clock: yields would be as many time slices on a machine that is busy.
  void visit(std::uint32_t units = 1) noexcept {
    enter(units);
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(20);
    while (std::chrono::steady_clock::now() < end) {
    }
    leave(units);
  }
  std::uint32_t peak() const noexcept { return peak_.load(); }

 private:
  std::atomic<std::uint32_t> inside_{0};
  std::atomic<std::uint32_t> peak_{0};
};

}  // namespace assay::conformance

#endif  // TESTS_CONFORMANCE_RECIPES_H_
