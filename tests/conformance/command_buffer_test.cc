// SPDX-License-Identifier: MIT
// Command buffers at work: order and visibility inside one, reuse, library calls.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::is_ok;

constexpr std::size_t kWords = 4096;
constexpr Dim3 kGroups = {8, 1, 1};

class CommandBufferTest : public ConformanceTest {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    queue_ = device().create_queue();
    write_ = device().create_kernel(write_kernel());
    copy_ = device().create_kernel(copy_kernel());
  }
  void TearDown() override {
    queue_.reset();
    write_.reset();
    copy_.reset();
    ConformanceTest::TearDown();
  }

  // Every kind of command that can write all words of `data`, `value` into each;
  // library calls last, since not every device takes them.
  using Producer = std::function<void(CommandEncoder&, std::uint32_t value)>;
  std::vector<std::pair<std::string_view, Producer>> producers(
      const std::shared_ptr<Buffer>& data, std::span<std::uint32_t> mapped) {
    std::vector<std::pair<std::string_view, Producer>> all = {
        {"dispatch",
         [=, this](CommandEncoder& encoder, std::uint32_t value) {
           encoder.dispatch(write_, kGroups, {{data}}, value);
         }},
        {"fill", [=](CommandEncoder& encoder,
                     std::uint32_t value) { encoder.fill({data}, value); }},
        {"copy",
         [=, this](CommandEncoder& encoder, std::uint32_t value) {
           encoder.copy({make_words(device(), kWords, value)}, {data});
         }},
        {"host call",
         [=](CommandEncoder& encoder, std::uint32_t value) {
           encoder.host_call({"write", [=] {
                                std::ranges::fill(mapped, value);
                                return Status();
                              }});
         }},
        {"library call",
         [=](CommandEncoder& encoder, std::uint32_t value) {
           LibraryCall call;
           call.operands = {{{data}, Access::write}};
           call.run = [=](std::span<const BoundRange> operands) {
             std::ranges::fill(
                 std::span(operands[0].as<std::uint32_t>(), operands[0].bytes / 4),
                 value);
             return Status();
           };
           encoder.library_call(std::move(call));
         }},
    };
    if (!caps().host_kernels) all.pop_back();
    return all;
  }

  // Every kind of command that can copy all words of `data` into `result`.
  using Consumer = std::function<void(CommandEncoder&, const std::shared_ptr<Buffer>&)>;
  std::vector<std::pair<std::string_view, Consumer>> consumers(
      const std::shared_ptr<Buffer>& data, std::span<std::uint32_t> mapped) {
    std::vector<std::pair<std::string_view, Consumer>> all = {
        {"dispatch",
         [=, this](CommandEncoder& encoder, const std::shared_ptr<Buffer>& result) {
           encoder.dispatch(copy_, kGroups, {{data}, {result}});
         }},
        {"copy",
         [=](CommandEncoder& encoder, const std::shared_ptr<Buffer>& result) {
           encoder.copy({data}, {result});
         }},
        {"host call",
         [=](CommandEncoder& encoder, const std::shared_ptr<Buffer>& result) {
           encoder.host_call({"read", [=] {
                                std::ranges::copy(
                                    mapped, result->map().as<std::uint32_t>().begin());
                                return Status();
                              }});
         }},
        {"library call",
         [=](CommandEncoder& encoder, const std::shared_ptr<Buffer>& result) {
           LibraryCall call;
           call.operands = {{{data}, Access::read}, {{result}, Access::write}};
           call.run = [](std::span<const BoundRange> operands) {
             std::copy_n(operands[0].data, operands[0].bytes, operands[1].data);
             return Status();
           };
           encoder.library_call(std::move(call));
         }},
    };
    if (!caps().host_kernels) all.pop_back();
    return all;
  }

  // Each pair of kinds in turn: write, read, write again, read again, ... Also a read
  // that is overtaken by the next write would be seen.
  void check_every_pair(Ordering ordering) {
    const std::shared_ptr<Buffer> data = make_words(device(), kWords);
    const Mapping mapping = data->map();
    for (const auto& [writer, produce] : producers(data, mapping.as<std::uint32_t>())) {
      for (const auto& [reader, consume] :
           consumers(data, mapping.as<std::uint32_t>())) {
        std::vector<std::shared_ptr<Buffer>> results;
        const Commands commands = record(
            device(),
            [&, &produce = produce, &consume = consume](CommandEncoder& encoder) {
              for (std::uint32_t round = 1; round <= 6; ++round) {
                results.push_back(make_words(device(), kWords));
                produce(encoder, round);
                encoder.barrier();
                consume(encoder, results.back());
                encoder.barrier();
              }
            },
            ordering);
        EXPECT_TRUE(is_ok(queue_->submit(commands).wait()));
        for (std::uint32_t round = 1; round <= 6; ++round) {
          EXPECT_TRUE(read_words(device(), results[round - 1]) == Words(kWords, round))
              << writer << " then " << reader << ", round " << round;
        }
      }
    }
  }

  std::shared_ptr<Queue> queue_;
  std::shared_ptr<Kernel> write_;
  std::shared_ptr<Kernel> copy_;
};
RUN_ON_EVERY_DEVICE(CommandBufferTest);

TEST_P(CommandBufferTest, SequentialCommandsSeeTheirPredecessors) {
  check_every_pair(Ordering::sequential);
}

TEST_P(CommandBufferTest, BarriersOrderConcurrentCommands) {
  check_every_pair(Ordering::concurrent);
}

TEST_P(CommandBufferTest, TheLastWriterWins) {
  const std::shared_ptr<Buffer> data = make_words(device(), kWords);
  const Mapping mapping = data->map();
  const auto writers = producers(data, mapping.as<std::uint32_t>());
  for (const auto& [first_name, first] : writers) {
    for (const auto& [second_name, second] : writers) {
      const Commands commands =
          record(device(), [&first = first, &second = second](CommandEncoder& encoder) {
            first(encoder, 1);
            second(encoder, 2);
          });
      EXPECT_TRUE(is_ok(queue_->submit(commands).wait()));
      EXPECT_TRUE(std::ranges::count(mapping.as<std::uint32_t>(), 2U) == kWords)
          << first_name << " then " << second_name;
    }
  }
}

// A barrier covers everything before it, not only the last command.
TEST_P(CommandBufferTest, BarrierCoversAllThatWasRecordedBefore) {
  constexpr std::size_t kParts = 16;
  const std::size_t part_bytes = 1024;
  const std::shared_ptr<Buffer> data = make_words(device(), kParts * part_bytes / 4);
  const std::shared_ptr<Buffer> early = make_words(device(), kParts * part_bytes / 4);
  const std::shared_ptr<Buffer> late = make_words(device(), kParts * part_bytes / 4);
  const Commands commands = record(
      device(),
      [&](CommandEncoder& encoder) {
        for (const auto& [value, target] :
             {std::pair(1U, early), std::pair(2U, late)}) {
          for (std::size_t i = 0; i < kParts; ++i) {
            const BufferSlice slice = {data, i * part_bytes, part_bytes};
            if (i % 2 == 0) {
              encoder.dispatch(write_, {4, 1, 1}, {slice}, value);
            } else {
              encoder.fill(slice, value);
            }
          }
          encoder.barrier();
          encoder.dispatch(copy_, kGroups, {{data}, {target}});
          encoder.barrier();
        }
      },
      Ordering::concurrent);
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(is_ok(queue_->submit(commands).wait()));
    ASSERT_TRUE(read_words(device(), early) == Words(kParts * part_bytes / 4, 1));
    ASSERT_TRUE(read_words(device(), late) == Words(kParts * part_bytes / 4, 2));
  }
}

TEST_P(CommandBufferTest, ConcurrentCommandsAllEndBeforeTheSubmissionDoes) {
  std::atomic<int> calls = 0;
  const std::shared_ptr<Buffer> counter = make_words(device(), 1);
  const std::shared_ptr<Kernel> count = device().create_kernel(count_kernel());
  const Commands commands = record(
      device(),
      [&](CommandEncoder& encoder) {
        for (int i = 0; i < 50; ++i) {
          encoder.dispatch(count, kGroups, {{counter}});
          encoder.host_call({"count", [&] {
                               ++calls;
                               return Status();
                             }});
        }
      },
      Ordering::concurrent);
  EXPECT_TRUE(is_ok(queue_->submit(commands).wait()));
  EXPECT_EQ(calls, 50);
  EXPECT_EQ(read_words(device(), counter), Words{400});
}

TEST_P(CommandBufferTest, EmptyOnesComplete) {
  const Commands empty = record(device(), [](CommandEncoder&) {});
  EXPECT_EQ(empty->command_count(), 0U);
  EXPECT_TRUE(is_ok(queue_->submit(empty).wait()));
  EXPECT_TRUE(is_ok(queue_->submit(nullptr).wait()));
  const Commands barriers = record(
      device(),
      [](CommandEncoder& encoder) {
        encoder.barrier();
        encoder.barrier();
      },
      Ordering::concurrent);
  EXPECT_TRUE(is_ok(queue_->submit(barriers).wait()));
}

TEST_P(CommandBufferTest, CanBeSubmittedManyTimes) {
  const std::shared_ptr<Buffer> data = make_words(device(), 256, 1);
  const std::shared_ptr<Kernel> affine = device().create_kernel(affine_kernel());
  const Commands commands = record(device(), [&](CommandEncoder& encoder) {
    encoder.dispatch(affine, kGroups, {{data}}, AffineConstants{3, 1});
  });
  std::uint32_t expected = 1;
  for (int i = 0; i < 500; ++i) {
    queue_->submit(commands);
    expected = expected * 3 + 1;
  }
  EXPECT_TRUE(is_ok(queue_->synchronize()));
  EXPECT_EQ(read_words(device(), data), Words(256, expected));
}

TEST_P(CommandBufferTest, CanRunOnSeveralQueuesAtTheSameTime) {
  const std::shared_ptr<Buffer> counter = make_words(device(), 1);
  const std::shared_ptr<Kernel> count = device().create_kernel(count_kernel());
  const Commands commands = record(device(), [&](CommandEncoder& encoder) {
    encoder.dispatch(count, {10, 1, 1}, {{counter}});
    encoder.dispatch(count, {10, 1, 1}, {{counter}});
  });
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        const std::shared_ptr<Queue> queue = device().create_queue();
        for (int round = 0; round < 100; ++round) queue->submit(commands);
        EXPECT_TRUE(is_ok(queue->synchronize()));
      });
    }
  }
  EXPECT_EQ(read_words(device(), counter), Words{6000});
}

TEST_P(CommandBufferTest, CanBeRecordedOnAnotherThread) {
  const std::shared_ptr<Buffer> data = make_words(device(), kWords);
  Commands commands;
  std::jthread([&] {
    commands = record(device(), [&](CommandEncoder& encoder) {
      encoder.dispatch(write_, kGroups, {{data}}, 9U);
    });
  }).join();
  EXPECT_TRUE(is_ok(queue_->submit(commands).wait()));
  EXPECT_EQ(read_words(device(), data), Words(kWords, 9));
}

}  // namespace
}  // namespace assay::conformance
