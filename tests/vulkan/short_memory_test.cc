// SPDX-License-Identifier: MIT
// Recording for a GPU while an allocation fails, whichever it is: an Error that says
// so, and an encoder that goes on. Its own program: operator new is replaced.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>

#include "backends/interface/device.h"
#include "tests/conformance/recipes.h"
#include "tests/support/counting_new.h"
#include "tests/support/status_checks.h"
#include "tests/vulkan/vulkan_test.h"

namespace assay::vulkan {
namespace {

using testing_support::FailingAllocation;
using testing_support::is_ok;

class ShortMemoryTest : public VulkanTest {};

TEST_F(ShortMemoryTest, AnyAllocationOfAnEncoderMayFailOnce) {
  // The layer would run out of memory too.
  Options plain;
  plain.validation = Validation::off;
  const auto device = open_with(plain);
  const auto queue = device->create_queue();
  const auto from = conformance::make_words(*device, 64);
  const auto to = conformance::make_words(*device, 64);
  const auto kernel = device->create_kernel(conformance::affine_kernel());
  const std::function<void(CommandEncoder&)> calls[] = {
      [&](CommandEncoder& encoder) { encoder.fill({from}, 7); },
      [&](CommandEncoder& encoder) { encoder.copy({from}, {to}); },
      [&](CommandEncoder& encoder) {
        encoder.host_call({"nothing", [] { return Status(); }});
      },
      [&](CommandEncoder& encoder) {
        encoder.dispatch(kernel, {1, 1, 1}, {{to}}, conformance::AffineConstants{2, 1});
      }};
  std::uint64_t failures = 0;
  for (bool happened = true; happened; ++failures) {
    const auto encoder = device->create_encoder();
    std::size_t recorded = 0;
    {
      const FailingAllocation failing(failures);
      for (const auto& call : calls) {
        try {
          call(*encoder);
          ++recorded;
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), StatusCode::out_of_memory)
              << "allocation " << failures;
        }
      }
      happened = failing.happened();
    }
    EXPECT_EQ(recorded, std::size(calls) - (happened ? 1 : 0));
    for (const auto& call : calls) call(*encoder);
    const auto commands = encoder->finish();
    EXPECT_EQ(commands->command_count(), recorded + std::size(calls))
        << "allocation " << failures;
    EXPECT_TRUE(is_ok(queue->submit(commands).wait())) << "allocation " << failures;
    EXPECT_EQ(conformance::read_words(*device, to), conformance::Words(64, 15));
  }
  EXPECT_GT(failures, 5U);
}

}  // namespace
}  // namespace assay::vulkan
