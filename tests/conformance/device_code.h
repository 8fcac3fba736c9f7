// SPDX-License-Identifier: MIT
// The device code of the kernels in recipes.h: each shader of shaders/ computes what
// the host function of the same name does.
#ifndef TESTS_CONFORMANCE_DEVICE_CODE_H_
#define TESTS_CONFORMANCE_DEVICE_CODE_H_

#include <cstdint>
#include <string_view>
#include <vector>

namespace assay::conformance {

// Empty in a build without a shader compiler. Throws std::out_of_range for a name that
// no shader has.
std::vector<std::uint32_t> device_code(std::string_view kernel);

}  // namespace assay::conformance

#endif  // TESTS_CONFORMANCE_DEVICE_CODE_H_
