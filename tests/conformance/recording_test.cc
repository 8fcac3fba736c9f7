// SPDX-License-Identifier: MIT
// What an encoder accepts and refuses: dispatches, calls, and the end of recording.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::is_ok;
using testing_support::is_refused;
using testing_support::thrown_code;

class RecordingTest : public ConformanceTest {
 protected:
  // Refused, and nothing was recorded.
  testing::AssertionResult refuses(const std::function<void(CommandEncoder&)>& body) {
    const std::unique_ptr<CommandEncoder> encoder = device().create_encoder();
    testing::AssertionResult result = is_refused([&] { body(*encoder); });
    const std::size_t count = encoder->finish()->command_count();
    if (count != 0) result = testing::AssertionFailure() << "recorded " << count;
    return result;
  }
  std::optional<StatusCode> code_of(const std::function<void(CommandEncoder&)>& body) {
    const std::unique_ptr<CommandEncoder> encoder = device().create_encoder();
    return thrown_code([&] { body(*encoder); });
  }
};
RUN_ON_EVERY_DEVICE(RecordingTest);

TEST_P(RecordingTest, DispatchChecksItsBindings) {
  const std::shared_ptr<Kernel> kernel = device().create_kernel(copy_kernel());
  const std::shared_ptr<Buffer> data = make_words(device(), 4);
  const std::shared_ptr<Device> another = open_another();
  const std::shared_ptr<Buffer> foreign = make_words(*another, 4);
  const std::shared_ptr<Buffer> staging = make_buffer(device(), 16, MemoryKind::host);
  const auto dispatch = [&](const std::vector<BufferSlice>& bindings) {
    return code_of([&](CommandEncoder& encoder) {
      encoder.dispatch(kernel, Dim3{1, 1, 1}, bindings, std::span<const std::byte>());
    });
  };
  EXPECT_EQ(dispatch({{data}, {data}}), std::nullopt) << "the control";
  EXPECT_EQ(dispatch({}), kInvalid);
  EXPECT_EQ(dispatch({{data}}), kInvalid);
  EXPECT_EQ(dispatch({{data}, {data}, {data}}), kInvalid);
  EXPECT_EQ(dispatch({{data}, {nullptr}}), kInvalid);
  EXPECT_EQ(dispatch({{foreign}, {data}}), kInvalid);
  EXPECT_EQ(dispatch({{data, 0, 17}, {data}}), kInvalid);
  EXPECT_EQ(dispatch({{data, 20, 0}, {data}}), kInvalid);
  const std::size_t huge = std::numeric_limits<std::size_t>::max() - 7;
  EXPECT_EQ(dispatch({{data}, {data, 8, huge}}), kInvalid);
  EXPECT_TRUE(refuses([&](CommandEncoder& encoder) {
    encoder.dispatch(kernel, {1, 1, 1}, {{data}, {staging}});
  })) << "host memory cannot be bound";
  // An empty grid does not excuse wrong arguments.
  EXPECT_TRUE(refuses([&](CommandEncoder& encoder) {
    encoder.dispatch(kernel, {0, 1, 1}, {{data}});
  }));
}

TEST_P(RecordingTest, DispatchChecksTheAlignmentOfBindings) {
  const std::size_t alignment = caps().limits.binding_alignment;
  if (alignment == 1) return;
  const std::shared_ptr<Kernel> kernel = device().create_kernel(count_kernel());
  const std::shared_ptr<Buffer> data = make_words(device(), alignment);
  EXPECT_TRUE(refuses([&](CommandEncoder& encoder) {
    encoder.dispatch(kernel, {1, 1, 1}, {{data, alignment / 2, 4}});
  }));
}

TEST_P(RecordingTest, DispatchChecksKernelConstantsAndGrid) {
  const std::shared_ptr<Kernel> kernel = device().create_kernel(write_kernel());
  const std::shared_ptr<Buffer> data = make_words(device(), 4);
  const std::shared_ptr<Device> another = open_another();
  const auto dispatch = [&](const std::shared_ptr<Kernel>& which, std::size_t bytes,
                            Dim3 groups) {
    const std::vector<BufferSlice> bindings = {{data}};
    const std::vector<std::byte> constants(bytes);
    return code_of([&](CommandEncoder& encoder) {
      encoder.dispatch(which, groups, bindings, constants);
    });
  };
  EXPECT_EQ(dispatch(kernel, 4, {1, 1, 1}), std::nullopt) << "the control";
  EXPECT_EQ(dispatch(kernel, 0, {1, 1, 1}), kInvalid);
  EXPECT_EQ(dispatch(kernel, 3, {1, 1, 1}), kInvalid);
  EXPECT_EQ(dispatch(kernel, 5, {1, 1, 1}), kInvalid);
  EXPECT_EQ(dispatch(nullptr, 4, {1, 1, 1}), kInvalid);
  EXPECT_EQ(dispatch(another->create_kernel(write_kernel()), 4, {1, 1, 1}), kInvalid);

  const std::uint32_t most = caps().limits.max_groups_per_dimension;
  if (most == std::numeric_limits<std::uint32_t>::max()) return;
  EXPECT_EQ(dispatch(kernel, 4, {most + 1, 1, 1}), kInvalid);
  EXPECT_EQ(dispatch(kernel, 4, {1, most + 1, 1}), kInvalid);
  EXPECT_EQ(dispatch(kernel, 4, {1, 1, most + 1}), kInvalid);
}

TEST_P(RecordingTest, CallsNeedAFunction) {
  EXPECT_TRUE(refuses([](CommandEncoder& encoder) {
    encoder.host_call({"empty", {}});
  }));
  EXPECT_TRUE(refuses([](CommandEncoder& encoder) { encoder.library_call({}); }));
}

TEST_P(RecordingTest, LibraryCallsChecksThreadsAndOperands) {
  SKIP_UNLESS(caps().host_kernels, "it takes no library calls");
  const std::uint32_t units = caps().compute_units;
  const std::shared_ptr<Buffer> data = make_words(device(), 4);
  const std::shared_ptr<Device> another = open_another();
  const auto call = [&](std::uint32_t threads, const BufferSlice& slice) {
    LibraryCall library;
    library.label = "library";
    library.threads = threads;
    library.operands = {{slice, Access::read_write}};
    library.run = [](std::span<const BoundRange>) { return Status(); };
    return refuses([&](CommandEncoder& encoder) { encoder.library_call(library); });
  };
  EXPECT_FALSE(call(1, {data})) << "the control";
  EXPECT_FALSE(call(units, {data})) << "all units may be lent";
  EXPECT_TRUE(call(0, {data}));
  EXPECT_TRUE(call(units + 1, {data}));
  EXPECT_TRUE(call(1, {make_buffer(device(), 4, MemoryKind::host)}));
  EXPECT_TRUE(call(1, {make_words(*another, 4)}));
  EXPECT_TRUE(call(1, {nullptr}));
  EXPECT_TRUE(call(1, {data, 8, 12}));
}

TEST_P(RecordingTest, NothingIsRecordedAfterTheEnd) {
  const std::shared_ptr<Buffer> data = make_words(device(), 8);
  const std::shared_ptr<Kernel> kernel = device().create_kernel(count_kernel());
  const std::unique_ptr<CommandEncoder> encoder = device().create_encoder();
  encoder->fill({data}, 7);
  const Commands commands = encoder->finish();
  const auto after = [&](const std::function<void()>& call) {
    return thrown_code(call) == StatusCode::failed_precondition;
  };
  EXPECT_TRUE(after([&] { encoder->dispatch(kernel, {1, 1, 1}, {{data}}); }));
  EXPECT_TRUE(after([&] { encoder->copy({data, 0, 4}, {data, 4, 4}); }));
  EXPECT_TRUE(after([&] { encoder->fill({data}, 1); }));
  EXPECT_TRUE(after([&] { encoder->barrier(); }));
  EXPECT_TRUE(after([&] { encoder->host_call({"late", [] { return Status(); }}); }));
  LibraryCall library;
  library.run = [](std::span<const BoundRange>) { return Status(); };
  EXPECT_TRUE(after([&] { encoder->library_call(library); }));
  EXPECT_TRUE(after([&] { encoder->finish(); }));
  EXPECT_EQ(commands->command_count(), 1U);
  EXPECT_TRUE(is_ok(device().create_queue()->submit(commands).wait()));
  EXPECT_EQ(read_words(device(), data), Words(8, 7));
}

TEST_P(RecordingTest, ARefusalDoesNotSpoilTheEncoder) {
  const std::shared_ptr<Buffer> data = make_words(device(), 8);
  const Commands commands = record(device(), [&](CommandEncoder& encoder) {
    encoder.fill({data, 0, 16}, 1);
    EXPECT_TRUE(is_refused([&] { encoder.fill({data, 0, 64}, 9); }));
    encoder.fill({data, 16, 16}, 2);
  });
  EXPECT_EQ(commands->command_count(), 2U);
  EXPECT_TRUE(is_ok(device().create_queue()->submit(commands).wait()));
  EXPECT_EQ(read_words(device(), data), (Words{1, 1, 1, 1, 2, 2, 2, 2}));
}

TEST_P(RecordingTest, LabelsAndCountsAreKept) {
  EncoderDesc desc;
  desc.label = "forward pass";
  const std::unique_ptr<CommandEncoder> encoder = device().create_encoder(desc);
  const std::shared_ptr<Buffer> data = make_words(device(), 8);
  encoder->fill({data}, 7);
  encoder->copy({data, 0, 4}, {data, 4, 4});
  encoder->host_call({"look", [] { return Status(); }});
  const Commands commands = encoder->finish();
  EXPECT_EQ(commands->label(), "forward pass");
  EXPECT_EQ(commands->command_count(), 3U);
}

TEST_P(RecordingTest, UnfinishedEncodersMayBeDropped) {
  const auto token = std::make_shared<int>(1);
  {
    const std::unique_ptr<CommandEncoder> encoder = device().create_encoder();
    encoder->host_call({"never", [token] { return Status(); }});
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST_P(RecordingTest, EncodersMoveBetweenThreads) {
  const std::shared_ptr<Buffer> data = make_words(device(), 8);
  const std::unique_ptr<CommandEncoder> encoder = device().create_encoder();
  std::jthread([&] { encoder->fill({data}, 5); }).join();
  Commands commands;
  std::jthread([&] { commands = encoder->finish(); }).join();
  EXPECT_TRUE(is_ok(device().create_queue()->submit(commands).wait()));
  EXPECT_EQ(read_words(device(), data), Words(8, 5));
}

}  // namespace
}  // namespace assay::conformance
