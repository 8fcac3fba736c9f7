// SPDX-License-Identifier: MIT
// The conformance suite through every layer at once: whoever is under a layer must not
// notice. Below it a device without threads of its own and one with.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "backends/registry.h"
#include "tests/conformance/conformance_test.h"

namespace assay::conformance {
namespace {

std::shared_ptr<Device> open_layered(std::string_view uri) {
  return open_device("trace+perturb(call=submit,jitter_us=2)+hazard(quiet=1)+" +
                     std::string(uri));
}

}  // namespace
}  // namespace assay::conformance

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  assay::conformance::set_opener(assay::conformance::open_layered);
  if (GTEST_FLAG_GET(filter) == "*") {
    GTEST_FLAG_SET(filter, "*/inline:*/vgpu_std_2");
  }
  return RUN_ALL_TESTS();
}
