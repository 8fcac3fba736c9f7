// SPDX-License-Identifier: MIT
// A command buffer as CPU devices execute it: commands cut into tiles, tiles grouped
// into segments. A segment's tiles run in any order, on any number of threads; segments
// run one after the other.
#ifndef ASSAY_BACKENDS_RUNTIME_COMMANDS_H_
#define ASSAY_BACKENDS_RUNTIME_COMMANDS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "backends/interface/command_buffer.h"
#include "backends/runtime/graph_plan.h"
#include "backends/runtime/host_kernel.h"
#include "backends/runtime/short_list.h"

namespace assay::runtime {

struct DispatchCommand {
  // Made where it stays: what is written in words and moved on in pairs of words has to
  // wait until it is in the cache. Precondition: `of` is a HostKernelObject.
  DispatchCommand(const std::shared_ptr<Kernel>& of, Dim3 grid,
                  std::vector<BoundRange>&& bound, std::span<const std::byte> values)
      : kernel(std::static_pointer_cast<const HostKernelObject>(of)),
        groups(grid),
        bindings(std::move(bound)),
        constants(values.begin(), values.end()) {}
  std::shared_ptr<const HostKernelObject> kernel;
  Dim3 groups;
  std::vector<BoundRange> bindings;
  std::vector<std::byte> constants;
};

struct CopyCommand {
  const std::byte* source = nullptr;
  std::byte* destination = nullptr;
  std::size_t bytes = 0;
};

struct FillCommand {
  std::byte* destination = nullptr;
  std::size_t bytes = 0;
  std::uint32_t pattern = 0;
};

struct LibraryCommand {
  LibraryCall call;
  std::vector<BoundRange> operands;
};

using Command =
    std::variant<DispatchCommand, CopyCommand, FillCommand, HostCall, LibraryCommand>;

// Commands [first, first + count). Tile t of the segment belongs to the command whose
// tiles it falls into, in order.
struct Segment {
  std::size_t first = 0;
  std::size_t count = 0;
  std::uint64_t tiles = 0;
  // Device threads the segment's library call needs; 0 when it is not one. A library
  // call is always a segment of its own.
  std::uint32_t library_threads = 0;
};

class RecordedCommands final : public CommandBuffer {
 public:
  // Not without a constructor: std::make_shared would set all 400 bytes to zero before
  // the members are, 9 of 72 ns.
  RecordedCommands(std::string label, std::uint64_t device_id)
      : label_(std::move(label)), device_id_(device_id) {}

  const std::string& label() const noexcept override { return label_; }
  std::size_t command_count() const noexcept override { return commands_.size(); }

  std::span<const Segment> segments() const noexcept {
    return {segments_.begin(), segments_.size()};
  }
  std::uint64_t device_id() const noexcept { return device_id_; }
  std::uint64_t groups() const noexcept { return groups_; }
  // The most threads a library call in it needs; 0 without one.
  std::uint32_t library_threads() const noexcept { return library_threads_; }
  // One thread runs it as fast as several: no segment has a second tile, no library
  // call a second thread, and nothing may overlap.
  bool narrow() const noexcept {
    const auto one = [](const Segment& segment) { return segment.tiles <= 1; };
    return plan_ == nullptr && library_threads_ <= 1 &&
           std::all_of(segments_.begin(), segments_.end(), one);
  }

  // Of a graph whose branches may overlap: segment i is the node at order()[i]. Null
  // otherwise. The segments one after the other are right in any case.
  const GraphPlan* plan() const noexcept { return plan_.get(); }

  // What a tile needs from the thread that runs it.
  struct TileContext {
    std::byte* local = nullptr;  // scratch of the compute unit
    std::uint32_t compute_unit = 0;
  };
  // Runs one tile. Fails only for host and library calls.
  Status run_tile(const Segment& segment, std::uint64_t tile,
                  const TileContext& context) const;

  // What a tile of the segment is expected to take, and what one took, in ns, by its
  // first tile's command. 0: there is no telling.
  std::uint64_t tile_ns(const Segment& segment) const noexcept;
  void set_tile_ns(const Segment& segment, std::uint64_t ns) const noexcept;

 private:
  friend class Encoder;
  struct Entry {
    template <typename Recorded, typename... Arguments>
    Entry(std::in_place_type_t<Recorded> type, std::uint64_t end,
          Arguments&&... made_of)
        : command(type, std::forward<Arguments>(made_of)...), tiles_end(end) {}
    Command command;
    std::uint64_t tiles_end;  // tiles of its segment up to its own last one
  };

  // Whose tile it is; `tile` becomes the command's own.
  const Command& command_of(const Segment& segment, std::uint64_t& tile) const noexcept;

  std::string label_;
  std::uint64_t device_id_;
  std::uint64_t groups_ = 0;  // over all dispatches
  std::uint32_t library_threads_ = 0;
  ShortList<Entry> commands_;
  ShortList<Segment> segments_;
  std::vector<std::shared_ptr<Buffer>> retained_;
  std::shared_ptr<const GraphPlan> plan_;
};

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_COMMANDS_H_
