// SPDX-License-Identifier: MIT
#include "backends/runtime/commands.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <iterator>
#include <new>
#include <string_view>

#include "backends/runtime/tiles.h"

namespace assay::runtime {
namespace {

void run_group(const DispatchCommand& command, std::uint64_t index,
               const RecordedCommands::TileContext& context) {
  const KernelDesc& desc = command.kernel->desc();
  const Dim3 groups = command.groups;
  GroupContext group;
  group.group.x = static_cast<std::uint32_t>(index % groups.x);
  group.group.y = static_cast<std::uint32_t>(index / groups.x % groups.y);
  group.group.z = static_cast<std::uint32_t>(index / groups.x / groups.y);
  group.groups = groups;
  group.bindings = command.bindings;
  group.constants = command.constants;
  group.local = {context.local, desc.local_bytes};
  group.compute_unit = context.compute_unit;
  group.user = desc.host_data.get();
  desc.host(group);
}

void fill_tile(const FillCommand& command, std::uint64_t tile) {
  const auto [begin, size] = tile_range(command.bytes, tile);
  std::byte* out = command.destination + begin;
  for (std::size_t i = 0; i < size; i += sizeof(command.pattern)) {
    std::memcpy(out + i, &command.pattern, sizeof(command.pattern));
  }
}

void copy_tile(const CopyCommand& command, std::uint64_t tile) {
  const auto [begin, size] = tile_range(command.bytes, tile);
  if (size != 0) std::memcpy(command.destination + begin, command.source + begin, size);
}

// User code in the stream may throw; the device must survive it.
template <typename Function>
Status described(std::string_view label, const Function& function) {
  const auto text = [label](std::string_view what) {
    return std::string(label).append(what);
  };
  try {
    Status status = function();
    if (status.ok()) return status;
    const Status* cause = status.cause();
    return {status.code(), text(": ").append(status.message()),
            cause == nullptr ? Status() : *cause};
  } catch (const Error& error) {
    return {error.code(), text(": ").append(error.what())};
  } catch (const std::bad_alloc&) {
    return {StatusCode::out_of_memory, text(" ran out of memory")};
  } catch (const std::exception& error) {
    return {StatusCode::internal, text(" threw: ").append(error.what())};
  }
}

template <typename Function>
Status guarded(std::string_view label, const Function& function) {
  try {
    return described(label, function);
  } catch (const std::bad_alloc&) {
    return {StatusCode::out_of_memory,
            "a call in the stream failed, and there is no memory to say how"};
  }
}

std::string_view name_or(const std::string& label, std::string_view otherwise) {
  return label.empty() ? otherwise : std::string_view(label);
}

}  // namespace

Status RecordedCommands::run_tile(const Segment& segment, std::uint64_t tile,
                                  const TileContext& context) const {
  // Most segments are one command, and of a wide one this is asked for each group: a
  // search there made 1024 empty groups 8 % slower.
  const Entry* entry = commands_.begin() + segment.first;
  if (segment.count != 1) {
    // The first that ends behind the tile; those without tiles end where they begin.
    const Entry* const first = entry;
    entry = std::partition_point(
        first, first + segment.count,
        [tile](const Entry& before) { return before.tiles_end <= tile; });
    if (entry != first) tile -= std::prev(entry)->tiles_end;
  }
  const Command& command = entry->command;
  if (const auto* dispatch = std::get_if<DispatchCommand>(&command)) {
    run_group(*dispatch, tile, context);
  } else if (const auto* copy = std::get_if<CopyCommand>(&command)) {
    copy_tile(*copy, tile);
  } else if (const auto* fill = std::get_if<FillCommand>(&command)) {
    fill_tile(*fill, tile);
  } else if (const auto* host = std::get_if<HostCall>(&command)) {
    return guarded(name_or(host->label, "host call"), host->run);
  } else if (const auto* library = std::get_if<LibraryCommand>(&command)) {
    return guarded(name_or(library->call.label, "library call"),
                   [&] { return library->call.run(library->operands); });
  }
  return {};
}

}  // namespace assay::runtime
