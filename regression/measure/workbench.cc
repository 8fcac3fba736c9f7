// SPDX-License-Identifier: MIT
#include "regression/measure/workbench.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <random>
#include <utility>

#include "regression/measure/timing.h"

namespace assay::measure {
namespace {

// Before and after each operand; a multiple of the widest vector and of a cache line,
// so that pads do not change alignment.
constexpr std::size_t kPadBytes = 256;
constexpr std::byte kPadByte{0xA5};

bool all_pad(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::byte byte) { return byte == kPadByte; });
}

// 64, and 32 where 64 is already: neither is near what most families draw.
constexpr std::uint32_t kOtherF32[] = {0x42800000, 0x42000000};
constexpr std::uint16_t kOtherBf16[] = {0x4280, 0x4200};
constexpr std::uint16_t kOtherF16[] = {0x5400, 0x5000};

template <typename Bits>
void replace(std::span<std::byte> element, const Bits (&others)[2]) {
  const bool taken = std::memcmp(element.data(), &others[0], sizeof(Bits)) == 0;
  std::memcpy(element.data(), &others[taken ? 1 : 0], sizeof(Bits));
}

void change_element(std::span<std::byte> contents, DType type, std::size_t index) {
  const std::span<std::byte> element =
      contents.subspan(index * bytes_of(type), bytes_of(type));
  switch (type) {
    case DType::f32:
      return replace(element, kOtherF32);
    case DType::bf16:
      return replace(element, kOtherBf16);
    case DType::f16:
      return replace(element, kOtherF16);
  }
}

std::span<const float> as_floats(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)};
}

}  // namespace

Workbench::Workbench(std::shared_ptr<Device> device, const Problem& problem,
                     DataFamily data, std::uint64_t seed, const Expected& expected)
    : device_(std::move(device)),
      problem_(problem),
      data_(data),
      seed_(seed),
      expected_(expected),
      queue_(device_->create_queue({"workbench"})) {
  std::size_t largest = 0;
  for (const assay::Operand& operand : problem.operands()) {
    const std::size_t bytes = operand.bytes();
    largest = std::max(largest, bytes);
    padded_.push_back(device_->create_buffer(
        {bytes + 2 * kPadBytes, MemoryKind::device, operand.name}));
    operands_.push_back({padded_.back(), kPadBytes, bytes});
    host_.push_back(
        device_->create_buffer({bytes, MemoryKind::host, operand.name + " staging"}));
    staging_.push_back({host_.back(), 0, bytes});
  }
  readback_ = device_->create_buffer(
      {largest + 2 * kPadBytes, MemoryKind::host, "workbench readback"});
  for (std::size_t i = 0; i < operands_.size(); ++i) {
    contents_.emplace_back(problem.operands()[i].bytes());
    problem.fill(i, data, seed, contents_[i]);
    {
      const Mapping map = readback_->map();
      std::fill(map.bytes().begin(), map.bytes().end(), kPadByte);
      std::copy(contents_[i].begin(), contents_[i].end(),
                map.bytes().begin() + kPadBytes);
      const Mapping staged = host_[i]->map();
      std::copy(contents_[i].begin(), contents_[i].end(), staged.bytes().begin());
    }
    const std::size_t bytes = padded_[i]->bytes();
    run([&](CommandEncoder& encoder) {
      encoder.copy({readback_, 0, bytes}, {padded_[i], 0, bytes});
    });
  }
  before_ = initial_output();
}

void Workbench::run(const std::function<void(CommandEncoder&)>& record) {
  const std::unique_ptr<CommandEncoder> encoder = device_->create_encoder();
  record(*encoder);
  require(queue_->submit(encoder->finish()).wait());
}

std::vector<float> Workbench::initial_output() const {
  const std::size_t output = problem_.output();
  const assay::Operand& operand = problem_.operands()[output];
  if (operand.access == Access::write) {
    return std::vector<float>(operand.elements, std::bit_cast<float>(kPoisonBits));
  }
  const std::span<const float> contents = as_floats(contents_[output]);
  return {contents.begin(), contents.end()};
}

std::vector<std::byte> Workbench::other_contents(std::size_t index,
                                                 std::uint64_t draw) const {
  std::vector<std::byte> other = contents_[index];
  const assay::Operand& operand = problem_.operands()[index];
  if (operand.elements == 0) return other;
  if (draw == 0) {
    problem_.fill(index, data_, seed_ + 1, other);
    return other;
  }
  std::mt19937_64 random(seed_ + 1000003 * draw + index);
  change_element(other, operand.type, random() % operand.elements);
  return other;
}

void Workbench::replace_input(std::size_t index, std::span<const std::byte> contents) {
  if (contents.empty()) return;
  std::ranges::copy(contents, readback_->map().bytes().begin());
  run([&](CommandEncoder& encoder) {
    encoder.copy({readback_, 0, contents.size()}, operands_[index]);
  });
}

void Workbench::change_inputs(std::optional<std::uint64_t> draw) {
  for (std::size_t i = 0; i < operands_.size(); ++i) {
    if (i == problem_.output()) continue;
    if (draw) {
      replace_input(i, other_contents(i, *draw));
    } else {
      replace_input(i, contents_[i]);
    }
  }
}

std::vector<std::byte> Workbench::lone_contents(std::size_t index) const {
  std::vector<std::byte> lone(contents_[index].size());
  if (!problem_.fill_lone(index, seed_, lone)) lone.clear();
  return lone;
}

bool Workbench::set_lone_inputs() {
  bool any = false;
  for (std::size_t i = 0; i < operands_.size(); ++i) {
    if (i == problem_.output()) continue;
    const std::vector<std::byte> lone = lone_contents(i);
    replace_input(i, lone);
    any = any || !lone.empty();
  }
  return any;
}

void Workbench::check_lone(std::span<const float> values, ArmCheck& check) const {
  CheckResult result = problem_.check_lone(seed_, values, before_);
  if (!result.ok && result.never_written == 0) {
    result.detail =
        "of inputs that leave each sum one term: fewer bits were multiplied or kept "
        "than the types have; " +
        result.detail;
  }
  fold(result, check);
}

void Workbench::reset_output() {
  const std::size_t output = problem_.output();
  // A run with transfers leaves its result where the old contents are copied from.
  if (problem_.operands()[output].access != Access::write) reset_staged_output();
  run([&](CommandEncoder& encoder) {
    if (problem_.operands()[output].access == Access::write) {
      encoder.fill(operands_[output], kPoisonBits);
    } else {
      encoder.copy(staging_[output], operands_[output]);
    }
  });
}

void Workbench::reset_staged_output() {
  const std::size_t output = problem_.output();
  const Mapping map = host_[output]->map();
  std::memcpy(map.bytes().data(), before_.data(), map.bytes().size());
}

void Workbench::fold(const CheckResult& result, ArmCheck& check) const {
  if (check.detail.empty() && !result.ok) check.detail = result.detail;
  const bool first = check.checked == 0;
  check.ok = result.ok && (first || check.ok);
  check.worst = std::max(check.worst, result.worst);
  check.checked += result.checked;
  check.wrong += result.wrong;
  check.never_written += result.never_written;
}

void Workbench::check_output(ArmCheck& check) {
  const std::size_t output = problem_.output();
  const std::size_t bytes = padded_[output]->bytes();
  run([&](CommandEncoder& encoder) {
    encoder.copy({padded_[output], 0, bytes}, {readback_, 0, bytes});
  });
  const Mapping map = readback_->map();
  const std::span<const std::byte> all(map.bytes().data(), bytes);
  const std::size_t size = bytes - 2 * kPadBytes;
  fold(check_f32(expected_, as_floats(all.subspan(kPadBytes, size)), before_), check);
  if (!all_pad(all.first(kPadBytes)) || !all_pad(all.last(kPadBytes))) {
    check.guards_intact = false;
    if (check.detail.empty()) check.detail = "wrote outside the output";
  }
}

std::vector<float> Workbench::output_values() {
  const BufferSlice& output = operands_[problem_.output()];
  const std::size_t bytes = problem_.operands()[problem_.output()].bytes();
  run([&](CommandEncoder& encoder) { encoder.copy(output, {readback_, 0, bytes}); });
  const Mapping map = readback_->map();
  const std::span<const float> values = as_floats(map.bytes().first(bytes));
  return {values.begin(), values.end()};
}

void Workbench::check_values(std::span<const float> values, ArmCheck& check) const {
  fold(check_f32(expected_, values, before_), check);
}

void Workbench::check_staged_output(ArmCheck& check) {
  const Mapping map = host_[problem_.output()]->map();
  check_values(as_floats(map.bytes()), check);
}

void Workbench::check_inputs(ArmCheck& check) {
  for (std::size_t i = 0; i < operands_.size(); ++i) {
    if (i == problem_.output()) continue;
    const std::size_t bytes = padded_[i]->bytes();
    run([&](CommandEncoder& encoder) {
      encoder.copy({padded_[i], 0, bytes}, {readback_, 0, bytes});
    });
    const Mapping map = readback_->map();
    const std::span<const std::byte> all(map.bytes().data(), bytes);
    const std::span<const std::byte> inside =
        all.subspan(kPadBytes, bytes - 2 * kPadBytes);
    if (!all_pad(all.first(kPadBytes)) || !all_pad(all.last(kPadBytes)) ||
        !std::equal(inside.begin(), inside.end(), contents_[i].begin())) {
      check.guards_intact = false;
      if (check.detail.empty()) {
        check.detail =
            "wrote to input '" + problem_.operands()[i].name + "' or outside of it";
      }
    }
  }
}

void Workbench::set_up(const Prepared& prepared) {
  run([&](CommandEncoder& encoder) { prepared.record_setup(encoder, operands_); });
}

std::shared_ptr<CommandBuffer> Workbench::encode(const Prepared& prepared,
                                                 bool with_transfers) {
  const std::unique_ptr<CommandEncoder> encoder = device_->create_encoder();
  const std::size_t output = problem_.output();
  if (with_transfers) {
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      if (problem_.operands()[i].access == Access::write) continue;
      encoder->copy(staging_[i], operands_[i]);
    }
  }
  // What was copied in may be anything, weights too.
  if (with_transfers) prepared.record_setup(*encoder, operands_);
  prepared.record(*encoder, operands_);
  if (with_transfers) encoder->copy(operands_[output], staging_[output]);
  return encoder->finish();
}

}  // namespace assay::measure
