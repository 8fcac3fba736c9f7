// SPDX-License-Identifier: MIT
#include "tests/conformance/device_code.h"

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include "tests/conformance/shaders/affine.comp.h"
#include "tests/conformance/shaders/copy.comp.h"
#include "tests/conformance/shaders/count.comp.h"
#include "tests/conformance/shaders/echo.comp.h"
#include "tests/conformance/shaders/mix.comp.h"
#include "tests/conformance/shaders/relay.comp.h"
#include "tests/conformance/shaders/sizes.comp.h"
#include "tests/conformance/shaders/stamp.comp.h"
#include "tests/conformance/shaders/write.comp.h"

namespace assay::conformance {
namespace {

struct Row {
  std::string_view kernel;
  std::span<const std::uint32_t> words;
};

const Row kRows[] = {
    {"affine", affine_comp}, {"copy", copy_comp},   {"count", count_comp},
    {"echo", echo_comp},     {"mix", mix_comp},     {"relay", relay_comp},
    {"sizes", sizes_comp},   {"stamp", stamp_comp}, {"write", write_comp},
};

}  // namespace

std::vector<std::uint32_t> device_code(std::string_view kernel) {
  for (const Row& row : kRows) {
    if (row.kernel == kernel) return {row.words.begin(), row.words.end()};
  }
  throw std::out_of_range("no shader " + std::string(kernel));
}

}  // namespace assay::conformance
