// SPDX-License-Identifier: MIT
#include "tests/conformance/recipes.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tests/conformance/device_code.h"

namespace assay::conformance {
namespace {

using Body = std::function<void(const GroupContext&)>;

void call_function(const GroupContext& context) noexcept {
  (*static_cast<const Body*>(context.user))(context);
}

void affine(const GroupContext& context) noexcept {
  const auto constants = context.constants_as<AffineConstants>();
  for (std::uint32_t& word : my_words(context, 0)) {
    word = constants.multiplier * word + constants.addend;
  }
}

void write(const GroupContext& context) noexcept {
  std::ranges::fill(my_words(context, 0), context.constants_as<std::uint32_t>());
}

void copy(const GroupContext& context) noexcept {
  std::ranges::copy(my_words(context, 0), my_words(context, 1).begin());
}

void count(const GroupContext& context) noexcept {
  std::atomic_ref(*context.bindings[0].as<std::uint32_t>()).fetch_add(1);
}

void relay(const GroupContext& context) noexcept {
  const auto expected = context.constants_as<std::uint32_t>();
  std::uint32_t errors = 0;
  for (std::uint32_t& word : my_words(context, 0)) {
    if (word != expected) ++errors;
    word = expected + 1;
  }
  if (errors == 0) return;
  std::atomic_ref(*context.bindings[1].as<std::uint32_t>()).fetch_add(errors);
}

void mix(const GroupContext& context) noexcept {
  mix_words(my_words(context, 1), my_words(context, 0),
            context.constants_as<std::uint32_t>());
}

void stamp(const GroupContext& context) noexcept {
  const auto grid = context.constants_as<Dim3>();
  const Dim3& group = context.group;
  const bool inside = group.x < grid.x && group.y < grid.y && group.z < grid.z;
  const bool stranger = !inside || context.groups != grid;
  auto* const counts = context.bindings[stranger ? 1 : 0].as<std::uint32_t>();
  std::atomic_ref(counts[stranger ? 0 : linear_group(context)]).fetch_add(1);
}

void echo(const GroupContext& context) noexcept {
  const std::span<const std::byte> constants = context.constants;
  std::ranges::copy(
      constants, context.bindings[0].data + linear_group(context) * constants.size());
}

void sizes(const GroupContext& context) noexcept {
  auto* const out = context.bindings[3].as<std::uint32_t>() + 3 * linear_group(context);
  for (std::size_t i = 0; i < 3; ++i) {
    const BoundRange& range = context.bindings[i];
    // Nothing has no address, and only nothing.
    const bool consistent = (range.data == nullptr) == (range.bytes == 0);
    out[i] = consistent ? static_cast<std::uint32_t>(range.bytes / 4) : UINT32_MAX;
  }
}

KernelDesc host_kernel(std::string name, HostKernel host, std::vector<Access> bindings,
                       std::size_t constants_bytes) {
  KernelDesc desc;
  desc.name = std::move(name);
  desc.bindings = std::move(bindings);
  desc.constants_bytes = constants_bytes;
  desc.host = host;
  return desc;
}

// The same with the device code of its name.
KernelDesc kernel(std::string name, HostKernel host, std::vector<Access> bindings,
                  std::size_t constants_bytes) {
  KernelDesc desc =
      host_kernel(std::move(name), host, std::move(bindings), constants_bytes);
  desc.device_code = device_code(desc.name);
  return desc;
}

}  // namespace

std::shared_ptr<Buffer> make_buffer(Device& device, std::size_t bytes,
                                    MemoryKind kind) {
  BufferDesc desc;
  desc.bytes = bytes;
  desc.kind = kind;
  return device.create_buffer(desc);
}

std::shared_ptr<Buffer> make_words(Device& device, std::size_t count,
                                   std::uint32_t value) {
  std::shared_ptr<Buffer> buffer = make_buffer(device, count * sizeof(value));
  std::ranges::fill(buffer->map().as<std::uint32_t>(), value);
  return buffer;
}

std::vector<std::byte> read_bytes(Device& device,
                                  const std::shared_ptr<Buffer>& buffer) {
  std::shared_ptr<Buffer> readable = buffer;
  if (buffer->kind() == MemoryKind::device) {
    readable = make_buffer(device, buffer->bytes(), MemoryKind::host);
    const Status status =
        device.create_queue()
            ->submit(record(device,
                            [&](CommandEncoder& e) { e.copy({buffer}, {readable}); }))
            .wait();
    if (!status.ok()) throw Error(status);
  }
  const Mapping mapping = readable->map();
  return {mapping.bytes().begin(), mapping.bytes().end()};
}

Words read_words(Device& device, const std::shared_ptr<Buffer>& buffer) {
  const std::vector<std::byte> bytes = read_bytes(device, buffer);
  Words words(bytes.size() / sizeof(std::uint32_t));
  if (!words.empty()) std::memcpy(words.data(), bytes.data(), words.size() * 4);
  return words;
}

void write_bytes(Device& device, const std::shared_ptr<Buffer>& buffer,
                 std::span<const std::byte> bytes) {
  const bool staged = buffer->kind() == MemoryKind::device;
  const std::shared_ptr<Buffer> writable =
      staged ? make_buffer(device, buffer->bytes(), MemoryKind::host) : buffer;
  std::ranges::copy(bytes, writable->map().bytes().begin());
  if (!staged) return;
  const Status status =
      device.create_queue()
          ->submit(
              record(device, [&](CommandEncoder& e) { e.copy({writable}, {buffer}); }))
          .wait();
  if (!status.ok()) throw Error(status);
}

std::vector<std::byte> pattern_bytes(std::size_t count, unsigned seed) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i) {
    bytes[i] = static_cast<std::byte>((i + 37U * seed) % 251 + 1);
  }
  return bytes;
}

Commands record(Device& device, const std::function<void(CommandEncoder&)>& body,
                Ordering ordering) {
  EncoderDesc desc;
  desc.ordering = ordering;
  const std::unique_ptr<CommandEncoder> encoder = device.create_encoder(desc);
  body(*encoder);
  return encoder->finish();
}

Commands host_work(Device& device, std::function<void()> body) {
  return record(device, [&](CommandEncoder& encoder) {
    encoder.host_call({"test", [body = std::move(body)] {
                         body();
                         return Status();
                       }});
  });
}

Commands failing_work(Device& device, const Status& status) {
  return record(device, [&](CommandEncoder& encoder) {
    encoder.host_call({"failing", [status] { return status; }});
  });
}

KernelDesc function_kernel(Body body, std::vector<Access> bindings,
                           std::size_t constants_bytes, std::size_t local_bytes) {
  KernelDesc desc =
      host_kernel("function", call_function, std::move(bindings), constants_bytes);
  desc.local_bytes = local_bytes;
  desc.host_data = std::make_shared<const Body>(std::move(body));
  return desc;
}

Commands kernel_work(Device& device, Body body, Dim3 groups) {
  if (!device.caps().host_kernels) {
    return host_work(device, [body = std::move(body), groups] {
      GroupContext context;
      context.groups = groups;
      Dim3& group = context.group;
      for (group.z = 0; group.z < groups.z; ++group.z) {
        for (group.y = 0; group.y < groups.y; ++group.y) {
          for (group.x = 0; group.x < groups.x; ++group.x) body(context);
        }
      }
    });
  }
  return record(device, [&](CommandEncoder& encoder) {
    encoder.dispatch(device.create_kernel(function_kernel(std::move(body))), groups,
                     {});
  });
}

std::span<std::uint32_t> my_words(const GroupContext& context, std::size_t index) {
  const BoundRange& range = context.bindings[index];
  const std::size_t words = range.bytes / sizeof(std::uint32_t);
  const std::size_t groups =
      std::size_t{context.groups.x} * context.groups.y * context.groups.z;
  const std::size_t begin = words * linear_group(context) / groups;
  const std::size_t end = words * (linear_group(context) + 1) / groups;
  return {range.as<std::uint32_t>() + begin, end - begin};
}

std::size_t linear_group(const GroupContext& context) {
  const Dim3& group = context.group;
  return (std::size_t{group.z} * context.groups.y + group.y) * context.groups.x +
         group.x;
}

KernelDesc affine_kernel() {
  return kernel("affine", affine, {Access::read_write}, sizeof(AffineConstants));
}

KernelDesc write_kernel() {
  return kernel("write", write, {Access::write}, sizeof(std::uint32_t));
}

KernelDesc copy_kernel() {
  return kernel("copy", copy, {Access::read, Access::write}, 0);
}

KernelDesc count_kernel() { return kernel("count", count, {Access::read_write}, 0); }

KernelDesc relay_kernel() {
  return kernel("relay", relay, {Access::read_write, Access::read_write},
                sizeof(std::uint32_t));
}

KernelDesc mix_kernel() {
  return kernel("mix", mix, {Access::read, Access::read_write}, sizeof(std::uint32_t));
}

void mix_words(std::span<std::uint32_t> target, std::span<const std::uint32_t> source,
               std::uint32_t constant) {
  for (std::size_t i = 0; i < target.size(); ++i) {
    target[i] = target[i] * 1664525U + (source[i] ^ constant);
  }
}

KernelDesc stamp_kernel() {
  return kernel("stamp", stamp, {Access::read_write, Access::read_write}, sizeof(Dim3));
}

KernelDesc echo_kernel(std::size_t constants_bytes) {
  if (constants_bytes == kEchoBytes) {
    return kernel("echo", echo, {Access::write}, constants_bytes);
  }
  return host_kernel("echo", echo, {Access::write}, constants_bytes);
}

KernelDesc sizes_kernel() {
  return kernel("sizes", sizes,
                {Access::read, Access::write, Access::read, Access::write}, 0);
}

}  // namespace assay::conformance
