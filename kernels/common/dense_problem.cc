// SPDX-License-Identifier: MIT
#include "kernels/common/dense_problem.h"

#include <cmath>
#include <cstring>
#include <utility>

#include "backends/interface/status.h"
#include "kernels/common/random_fill.h"

namespace assay {

DenseProblem::DenseProblem(std::string_view op, std::string shape,
                           std::vector<Operand> operands, std::size_t output)
    : op_(op),
      shape_(std::move(shape)),
      operands_(std::move(operands)),
      output_(output) {}

double DenseProblem::compulsory_bytes() const noexcept {
  double bytes = 0;
  for (const Operand& operand : operands_) {
    const double passes = operand.access == Access::read_write ? 2 : 1;
    bytes += passes * static_cast<double>(operand.bytes());
  }
  return bytes;
}

void DenseProblem::fill(std::size_t index, DataFamily family, std::uint64_t seed,
                        std::span<std::byte> out) const {
  if (index >= operands_.size() || out.size() != operands_[index].bytes()) {
    throw Error(StatusCode::invalid_argument,
                std::string(op_) + ": fill() of a wrong operand or size");
  }
  for (std::size_t i = 0; i < operands_[index].elements; ++i) {
    const float element = value(index, family, seed, i);
    std::memcpy(&out[i * sizeof element], &element, sizeof element);
  }
}

float DenseProblem::value(std::size_t index, DataFamily family, std::uint64_t seed,
                          std::size_t i) const {
  return random_value(family, random_bits(seed, index, i));
}

Expected DenseProblem::expected(std::span<const std::span<const std::byte>> operands,
                                DataFamily family) const {
  if (operands.size() != operands_.size()) {
    throw Error(StatusCode::invalid_argument, std::string(op_) + ": expected() wants " +
                                                  std::to_string(operands_.size()) +
                                                  " operands");
  }
  std::vector<const float*> pointers;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (operands[i].size() != operands_[i].bytes()) {
      throw Error(StatusCode::invalid_argument,
                  std::string(op_) + ": wrong size of operand " + operands_[i].name);
    }
    pointers.push_back(operands[i].empty()
                           ? nullptr
                           : reinterpret_cast<const float*>(operands[i].data()));
  }
  Expected expected;
  const std::size_t count = operands_[output_].elements;
  expected.value.assign(count, 0.0);
  expected.bound.assign(count, 0.0);
  expected.written.assign(count, true);
  oracle(pointers, family, expected);
  return expected;
}

void require_f32(std::string_view op, DType type) {
  if (type == DType::f32) return;
  throw Error(StatusCode::not_supported,
              std::string(op) + " has no type " + std::string(to_string(type)));
}

std::string square_of_size(std::uint64_t size) {
  const std::string side = std::to_string(size);
  return side + "x" + side;
}

Operand f32_operand(std::string_view name, std::int64_t elements, Access access) {
  return {std::string(name), static_cast<std::size_t>(elements), DType::f32, access};
}

std::vector<Access> accesses_of(const Problem& problem) {
  std::vector<Access> accesses;
  for (const Operand& operand : problem.operands()) accesses.push_back(operand.access);
  return accesses;
}

double sum_error(std::int64_t terms) noexcept {
  return (4.0 * std::sqrt(static_cast<double>(terms)) + 8.0) * kUnitRoundoff;
}

}  // namespace assay
