// SPDX-License-Identifier: MIT
// Memory pools: who may have a released block, and the books.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::failed_as;
using testing_support::is_ok;
using testing_support::thrown_code;

constexpr std::size_t kBytes = 4096;  // a size of the pool's: nothing is rounded

class MemoryPoolTest : public ConformanceTest {
 protected:
  void SetUp() override {
    ConformanceTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    try {
      pool_ = make_pool();
    } catch (const Error& error) {
      if (error.code() != StatusCode::not_supported) throw;
      GTEST_SKIP() << error.what();
    }
    queue_ = device().create_queue();
    other_ = device().create_queue();
    gate_ = device().create_timeline();
  }
  void TearDown() override {
    pool_.reset();
    queue_.reset();
    other_.reset();
    gate_.reset();
    ConformanceTest::TearDown();
  }

  std::shared_ptr<MemoryPool> make_pool(std::size_t budget_bytes = SIZE_MAX) const {
    return device().create_memory_pool({MemoryKind::unified, budget_bytes, "test"});
  }
  // A block that the queue uses until the gate opens, and what it was.
  const Buffer* released_behind_gate(Queue& queue) {
    PoolBlock block;
    EXPECT_TRUE(is_ok(pool_->allocate(kBytes, block)));
    const std::array<Point, 1> closed = {{{gate_, 1}}};
    block.used_at(queue.submit(nullptr, closed, {}));
    return block.slice().buffer.get();
  }
  // Where an allocation ordered after `after` comes from.
  const Buffer* allocated(const Point& after) {
    PoolBlock block;
    EXPECT_TRUE(is_ok(pool_->allocate(kBytes, block, after)));
    EXPECT_TRUE(block.waits().empty());
    held_.push_back(std::move(block));
    return held_.back().slice().buffer.get();
  }
  void open_gate() {
    gate_->signal(1);
    EXPECT_TRUE(is_ok(device().synchronize()));
  }
  static void expect_balanced(const PoolStats& stats) {
    EXPECT_EQ(stats.reserved_bytes,
              stats.live_bytes + stats.idle_bytes + stats.limbo_bytes);
    EXPECT_LE(stats.live_bytes, stats.peak_bytes);
    EXPECT_LE(stats.waits, stats.hits);
  }

  std::shared_ptr<MemoryPool> pool_;
  std::shared_ptr<Queue> queue_;
  std::shared_ptr<Queue> other_;
  std::shared_ptr<Timeline> gate_;
  std::vector<PoolBlock> held_;
};
RUN_ON_EVERY_DEVICE(MemoryPoolTest);

TEST_P(MemoryPoolTest, TheQueueThatUsedABlockHasItAtOnce) {
  const Buffer* used = released_behind_gate(*queue_);
  EXPECT_EQ(pool_->stats().limbo_bytes, kBytes);
  EXPECT_EQ(allocated(queue_->last()), used);
  EXPECT_EQ(pool_->stats().hits, 1U);
  open_gate();
}

TEST_P(MemoryPoolTest, OthersHaveItWhenItsDeathPointIsReached) {
  const Buffer* used = released_behind_gate(*queue_);
  EXPECT_NE(allocated({}), used);
  EXPECT_NE(allocated(other_->last()), used);
  // Ordered after an earlier point of the queue, not after the use.
  EXPECT_NE(allocated({queue_->last().timeline, 0}), used);
  open_gate();
  EXPECT_EQ(pool_->stats().limbo_bytes, 0U);
  EXPECT_EQ(allocated(other_->last()), used);
  EXPECT_EQ(pool_->stats().misses, 4U);
}

TEST_P(MemoryPoolTest, EveryDeathPointCounts) {
  PoolBlock block;
  ASSERT_TRUE(is_ok(pool_->allocate(kBytes, block)));
  const std::array<Point, 1> closed = {{{gate_, 1}}};
  block.used_at(queue_->submit(nullptr));
  block.used_at(other_->submit(nullptr, closed, {}));
  block.used_at(queue_->submit(nullptr));
  const Buffer* used = block.slice().buffer.get();
  block.release();
  ASSERT_TRUE(is_ok(queue_->synchronize()));
  EXPECT_NE(allocated(queue_->last()), used);
  open_gate();
  EXPECT_EQ(allocated(queue_->last()), used);
}

TEST_P(MemoryPoolTest, ABlockThatComesBackUnusedKeepsItsDeathPoints) {
  const Buffer* used = released_behind_gate(*queue_);
  EXPECT_EQ(allocated(queue_->last()), used);
  held_.clear();
  EXPECT_NE(allocated(other_->last()), used);
  open_gate();
}

TEST_P(MemoryPoolTest, AFailedDeathPointIsOver) {
  const Buffer* used = released_behind_gate(*queue_);
  gate_->fail({StatusCode::internal, "will never open"});
  EXPECT_FALSE(queue_->synchronize().ok());
  EXPECT_EQ(allocated(other_->last()), used);
}

// --- budget

TEST_P(MemoryPoolTest, OutOfBudgetABlockComesWithWhatToWaitFor) {
  pool_ = make_pool(kBytes);
  const auto write = device().create_kernel(write_kernel());
  const auto relay = device().create_kernel(relay_kernel());
  const std::shared_ptr<Buffer> errors = make_words(device(), 1);
  const std::array<Point, 1> closed = {{{gate_, 1}}};
  PoolBlock block;
  ASSERT_TRUE(is_ok(pool_->allocate(kBytes, block, *queue_)));
  const Buffer* only = block.slice().buffer.get();
  block.used_at(
      queue_->submit(record(device(),
                            [&](CommandEncoder& encoder) {
                              encoder.dispatch(write, {4, 1, 1}, {block.slice()}, 7U);
                            }),
                     closed, {}));
  block.release();
  ASSERT_TRUE(is_ok(pool_->allocate(kBytes, block, *other_)));
  EXPECT_EQ(block.slice().buffer.get(), only);
  ASSERT_EQ(block.waits().size(), 1U);
  EXPECT_EQ(block.waits()[0].timeline, queue_->last().timeline);
  EXPECT_EQ(pool_->stats().waits, 1U);
  const Point second = other_->submit(
      record(device(),
             [&](CommandEncoder& encoder) {
               encoder.dispatch(relay, {4, 1, 1}, {block.slice(), {errors}}, 7U);
             }),
      block.waits(), {});
  EXPECT_FALSE(second.query().has_value());
  block.used_at(second);
  EXPECT_EQ(block.waits().size(), 1U);
  open_gate();
  EXPECT_EQ(read_words(device(), errors), Words{0});
}

TEST_P(MemoryPoolTest, OutOfBudgetIsAStatus) {
  pool_ = make_pool(3 * kBytes);
  std::vector<PoolBlock> blocks(4);
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(is_ok(pool_->allocate(kBytes, blocks[i])));
  }
  EXPECT_TRUE(
      failed_as(pool_->allocate(kBytes, blocks[3]), StatusCode::resource_exhausted));
  EXPECT_FALSE(blocks[3]);
  EXPECT_EQ(pool_->stats().refused, 1U);
  blocks[0].release();
  EXPECT_TRUE(is_ok(pool_->allocate(kBytes, blocks[3])));
  // Idle blocks of other sizes make room.
  blocks.clear();
  blocks.resize(1);
  EXPECT_TRUE(is_ok(pool_->allocate(3 * kBytes, blocks[0])));
  EXPECT_EQ(pool_->stats().reserved_bytes, 3 * kBytes);
  EXPECT_TRUE(failed_as(pool_->allocate(3 * kBytes + 1, blocks[0]),
                        StatusCode::resource_exhausted));
  EXPECT_FALSE(blocks[0]) << "the old block is released first";
  expect_balanced(pool_->stats());
}

TEST_P(MemoryPoolTest, ThePeakStaysWhenBlocksGo) {
  std::array<PoolBlock, 3> blocks;
  for (PoolBlock& block : blocks) ASSERT_TRUE(is_ok(pool_->allocate(kBytes, block)));
  for (PoolBlock& block : blocks) block.release();
  ASSERT_TRUE(is_ok(pool_->allocate(kBytes, blocks[0])));
  EXPECT_EQ(pool_->stats().live_bytes, kBytes);
  EXPECT_EQ(pool_->stats().peak_bytes, 3 * kBytes);
}

TEST_P(MemoryPoolTest, SizesThatCannotBeAreRefused) {
  PoolBlock block;
  EXPECT_TRUE(failed_as(pool_->allocate(caps().limits.max_buffer_bytes + 1, block),
                        StatusCode::invalid_argument));
  EXPECT_TRUE(
      failed_as(pool_->allocate(SIZE_MAX, block), StatusCode::invalid_argument));
  ASSERT_TRUE(is_ok(pool_->allocate(0, block)));
  EXPECT_EQ(block.bytes(), 0U);
  EXPECT_EQ(block.slice().bytes, 0U);
}

TEST_P(MemoryPoolTest, TrimGivesBackWhatIsIdleTheLongestFirst) {
  released_behind_gate(*queue_);
  std::vector<PoolBlock> blocks(3);
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(is_ok(pool_->allocate((i + 2) * kBytes, blocks[i])));
  }
  const Buffer* last = blocks[1].slice().buffer.get();
  blocks[2].release();
  blocks[0].release();
  blocks[1].release();
  EXPECT_EQ(pool_->trim(3 * kBytes), 6 * kBytes);
  EXPECT_EQ(pool_->stats().idle_bytes, 3 * kBytes);
  EXPECT_EQ(pool_->stats().limbo_bytes, kBytes);
  ASSERT_TRUE(is_ok(pool_->allocate(3 * kBytes, blocks[0])));
  EXPECT_EQ(blocks[0].slice().buffer.get(), last);
  EXPECT_EQ(pool_->trim(), 0U);
  open_gate();
  EXPECT_EQ(pool_->trim(), kBytes);
  EXPECT_EQ(pool_->stats().reserved_bytes, 3 * kBytes);
}

// --- books

TEST_P(MemoryPoolTest, AWarmLoopMakesNoBuffers) {
  constexpr std::uint64_t kRounds = 300;
  constexpr std::array<std::size_t, 4> kLayers = {64 * 512, 128 * 1024, 64 * 512, 4096};
  const std::uint64_t before = device().counters().buffers_allocated;
  for (std::uint64_t i = 0; i < kRounds; ++i) {
    std::array<PoolBlock, kLayers.size()> blocks;
    for (std::size_t j = 0; j < kLayers.size(); ++j) {
      ASSERT_TRUE(is_ok(pool_->allocate(kLayers.at(j), blocks.at(j), *queue_)));
    }
    const Point point = queue_->submit(record(device(), [&](CommandEncoder& encoder) {
      for (const PoolBlock& block : blocks) encoder.fill(block.slice(), 1);
    }));
    for (PoolBlock& block : blocks) block.used_at(point);
  }
  ASSERT_TRUE(is_ok(queue_->synchronize()));
  const std::uint64_t made = device().counters().buffers_allocated - before;
  EXPECT_LE(made * 100, kRounds * kLayers.size());
  EXPECT_EQ(pool_->stats().misses, made);
  EXPECT_EQ(pool_->stats().hits, kRounds * kLayers.size() - made);
  expect_balanced(pool_->stats());
}

TEST_P(MemoryPoolTest, TheBooksBalanceWhateverHappens) {
  constexpr std::size_t kBudget = 40 * kBytes;
  for (unsigned seed = 1; seed <= 10; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::size_t bound) { return random() % bound; };
    pool_ = make_pool(kBudget);
    std::vector<PoolBlock> live;
    std::uint64_t granted = 0;
    std::uint64_t refused = 0;
    for (int step = 0; step < 300; ++step) {
      if (below(2) == 0 || live.empty()) {
        PoolBlock block;
        const Queue& queue = below(2) == 0 ? *queue_ : *other_;
        const Status status = pool_->allocate(1 + below(6 * kBytes), block, queue);
        (status.ok() ? granted : refused) += 1;
        if (status.ok()) live.push_back(std::move(block));
      } else {
        std::swap(live[below(live.size())], live.back());
        if (below(3) != 0) {
          live.back().used_at((below(2) == 0 ? *queue_ : *other_).submit(nullptr));
        }
        live.pop_back();
      }
      if (below(50) == 0) pool_->trim(below(kBudget));
      const PoolStats stats = pool_->stats();
      ASSERT_NO_FATAL_FAILURE(expect_balanced(stats));
      ASSERT_LE(stats.reserved_bytes, kBudget);
      ASSERT_EQ(stats.live_blocks, live.size());
      ASSERT_EQ(stats.hits + stats.misses, granted);
      ASSERT_EQ(stats.refused, refused);
      std::set<const Buffer*> buffers;
      for (const PoolBlock& block : live) buffers.insert(block.slice().buffer.get());
      ASSERT_EQ(buffers.size(), live.size()) << "seed " << seed;
    }
  }
}

// --- use

// Each use fills its block and then checks it in a second submission; whoever gets a
// block too early overwrites what was to be checked.
TEST_P(MemoryPoolTest, NobodyWritesABlockThatIsStillUsed) {
  pool_ = make_pool(6 * kBytes);
  const auto write = device().create_kernel(write_kernel());
  const auto relay = device().create_kernel(relay_kernel());
  const std::shared_ptr<Buffer> errors = make_words(device(), 1);
  const std::array queues = {queue_, other_, device().create_queue()};
  std::mt19937 random(5);
  for (std::uint32_t i = 0; i < 1500; ++i) {
    Queue& queue = *queues.at(random() % queues.size());
    PoolBlock block;
    ASSERT_TRUE(is_ok(pool_->allocate(random() % 2 == 0 ? kBytes : 512, block, queue)));
    queue.submit(record(device(),
                        [&](CommandEncoder& encoder) {
                          encoder.dispatch(write, {2, 1, 1}, {block.slice()}, i);
                        }),
                 block.waits(), {});
    block.used_at(queue.submit(record(device(), [&](CommandEncoder& encoder) {
      encoder.dispatch(relay, {2, 1, 1}, {block.slice(), {errors}}, i);
    })));
  }
  ASSERT_TRUE(is_ok(device().synchronize()));
  EXPECT_EQ(read_words(device(), errors), Words{0});
}

TEST_P(MemoryPoolTest, ManyThreadsShareAPool) {
  std::atomic<int> errors = 0;
  std::vector<std::thread> threads;
  for (std::uint32_t id = 0; id < 4; ++id) {
    threads.emplace_back([&, id] {
      for (std::uint32_t i = 0; i < 300; ++i) {
        PoolBlock block;
        if (!pool_->allocate(64, block).ok()) ++errors;
        const Mapping mapping = block.slice().buffer->map();
        for (int look = 0; look < 4; ++look) {
          mapping.as<std::uint32_t>()[0] = id;
          if (mapping.as<std::uint32_t>()[0] != id) ++errors;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(errors, 0);
  EXPECT_EQ(pool_->stats().live_blocks, 0U);
  EXPECT_EQ(pool_->stats().hits + pool_->stats().misses, 1200U);
}

TEST_P(MemoryPoolTest, ABlockOutlivesEveryHandle) {
  PoolBlock block;
  {
    const std::shared_ptr<Device> device = open_another();
    const auto pool = device->create_memory_pool({MemoryKind::unified, SIZE_MAX, ""});
    ASSERT_TRUE(is_ok(pool->allocate(kBytes, block)));
    block.used_at(device->create_queue()->submit(nullptr));
  }
  block.slice().buffer->map().as<std::uint32_t>()[0] = 1;
  PoolBlock moved = std::move(block);
  EXPECT_TRUE(moved);
  moved.release();
  moved.release();
  EXPECT_FALSE(moved);
}

TEST_P(MemoryPoolTest, MisuseIsRefused) {
  PoolBlock block;
  EXPECT_EQ(thrown_code([&] { (void)block.slice(); }), StatusCode::failed_precondition);
  EXPECT_EQ(thrown_code([&] { block.used_at(queue_->last()); }),
            StatusCode::failed_precondition);
  ASSERT_TRUE(is_ok(pool_->allocate(1, block)));
  EXPECT_EQ(thrown_code([&] { block.used_at({}); }), StatusCode::invalid_argument);
}

}  // namespace
}  // namespace assay::conformance
