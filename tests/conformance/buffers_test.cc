// SPDX-License-Identifier: MIT
// Memory kinds and mapping. What commands do to buffers is in transfers_test.cc.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::is_ok;
using testing_support::thrown_code;

// Nothing, less than a word, around a page, and large enough for another allocator
// path.
constexpr std::array<std::size_t, 6> kSizes = {0,    1,    3,
                                               4095, 4097, std::size_t{1} << 20};
constexpr std::array kMappable = {MemoryKind::host, MemoryKind::unified};

class BuffersTest : public ConformanceTest {};
RUN_ON_EVERY_DEVICE(BuffersTest);

TEST_P(BuffersTest, AreWhatWasAskedFor) {
  for (const MemoryKind kind : kMemoryKinds) {
    for (const std::size_t bytes : kSizes) {
      BufferDesc desc;
      desc.bytes = bytes;
      desc.kind = kind;
      desc.label = "weights";
      const std::shared_ptr<Buffer> buffer = device().create_buffer(desc);
      EXPECT_EQ(buffer->bytes(), bytes);
      EXPECT_EQ(buffer->kind(), kind);
      EXPECT_EQ(buffer->desc().label, "weights");
    }
  }
}

TEST_P(BuffersTest, DeviceMemoryCannotBeMapped) {
  for (const std::size_t bytes : kSizes) {
    const std::shared_ptr<Buffer> buffer =
        make_buffer(device(), bytes, MemoryKind::device);
    EXPECT_EQ(thrown_code([&] { buffer->map(); }), StatusCode::not_supported) << bytes;
    // Also not on the second try: the first must leave no trace.
    EXPECT_EQ(thrown_code([&] { buffer->map(); }), StatusCode::not_supported) << bytes;
  }
}

TEST_P(BuffersTest, MapTheirWholeSizeAndKeepTheirContents) {
  for (const MemoryKind kind : kMappable) {
    for (const std::size_t bytes : kSizes) {
      const std::shared_ptr<Buffer> buffer = make_buffer(device(), bytes, kind);
      const std::vector<std::byte> pattern = pattern_bytes(bytes);
      {
        const Mapping mapping = buffer->map();
        ASSERT_EQ(mapping.bytes().size(), bytes);
        EXPECT_EQ(mapping.as<std::uint32_t>().size(), bytes / 4);
        std::ranges::copy(pattern, mapping.bytes().begin());
      }
      EXPECT_EQ(read_bytes(device(), buffer), pattern)
          << bytes << ' ' << to_string(kind);
    }
  }
}

TEST_P(BuffersTest, StartAlignedForAnyElement) {
  for (const MemoryKind kind : kMappable) {
    for (const std::size_t bytes : {1U, 64U, 4097U}) {
      const std::shared_ptr<Buffer> buffer = make_buffer(device(), bytes, kind);
      const Mapping mapping = buffer->map();
      const auto address = reinterpret_cast<std::uintptr_t>(mapping.bytes().data());
      EXPECT_EQ(address % alignof(std::max_align_t), 0U);
    }
  }
}

TEST_P(BuffersTest, SecondMapIsRefused) {
  for (const MemoryKind kind : kMappable) {
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{64}}) {
      const std::shared_ptr<Buffer> buffer = make_buffer(device(), bytes, kind);
      Mapping mapping = buffer->map();
      EXPECT_EQ(thrown_code([&] { buffer->map(); }), StatusCode::failed_precondition);
      // The refusal does not unmap the first.
      EXPECT_EQ(thrown_code([&] { buffer->map(); }), StatusCode::failed_precondition);
      std::ranges::fill(mapping.bytes(), std::byte{7});
      mapping.unmap();
      EXPECT_EQ(thrown_code([&] { buffer->map(); }), std::nullopt);
    }
  }
}

TEST_P(BuffersTest, OneOfManyThreadsGetsTheMapping) {
  const std::shared_ptr<Buffer> buffer = make_buffer(device(), 64);
  for (int round = 0; round < 20; ++round) {
    std::array<Mapping, 4> mappings;
    std::atomic<int> refused = 0;
    {
      std::vector<std::jthread> threads;
      for (Mapping& mapping : mappings) {
        threads.emplace_back([&] {
          if (thrown_code([&] { mapping = buffer->map(); })) ++refused;
        });
      }
    }
    EXPECT_EQ(refused, 3);
  }
}

TEST_P(BuffersTest, MappingsMoveAndUnmapOnce) {
  const std::shared_ptr<Buffer> buffer = make_buffer(device(), 64);
  Mapping first = buffer->map();
  Mapping second = std::move(first);
  EXPECT_EQ(second.bytes().size(), 64U);
  first
      .unmap();  // NOLINT(bugprone-use-after-move): a moved-from mapping holds nothing.
  EXPECT_EQ(thrown_code([&] { buffer->map(); }), StatusCode::failed_precondition);
  second.unmap();
  second.unmap();
  EXPECT_TRUE(second.bytes().empty());
  second = buffer->map();
  second = Mapping();
  EXPECT_EQ(thrown_code([&] { buffer->map(); }), std::nullopt);
}

TEST_P(BuffersTest, MappingKeepsBufferAndDeviceAlive) {
  std::shared_ptr<Buffer> buffer = make_buffer(device(), 4096);
  const Mapping mapping = buffer->map();
  buffer.reset();
  take_device().reset();
  std::ranges::fill(mapping.bytes(), std::byte{42});
  EXPECT_EQ(mapping.bytes()[4095], std::byte{42});
  mapping.flush();
}

TEST_P(BuffersTest, KeepTheDeviceOpen) {
  const std::shared_ptr<Buffer> buffer = make_buffer(device(), 64);
  take_device().reset();
  std::ranges::fill(buffer->map().bytes(), std::byte{1});
  EXPECT_EQ(buffer->map().bytes()[63], std::byte{1});
}

// A mapping may stay while the device works; points order the two sides.
TEST_P(BuffersTest, PersistentMappingSeesWhatWasWaitedFor) {
  const std::shared_ptr<Buffer> input = make_buffer(device(), 4096, MemoryKind::host);
  const std::shared_ptr<Buffer> middle =
      make_buffer(device(), 4096, MemoryKind::device);
  const std::shared_ptr<Buffer> output = make_buffer(device(), 4096, MemoryKind::host);
  const Mapping in = input->map();
  const Mapping out = output->map();
  const std::shared_ptr<Queue> queue = device().create_queue();
  const Commands commands = record(device(), [&](CommandEncoder& encoder) {
    encoder.copy({input}, {middle});
    encoder.copy({middle}, {output});
  });
  for (unsigned round = 0; round < 20; ++round) {
    const std::vector<std::byte> pattern = pattern_bytes(4096, round);
    std::ranges::copy(pattern, in.bytes().begin());
    in.flush();
    ASSERT_TRUE(is_ok(queue->submit(commands).wait()));
    ASSERT_TRUE(std::ranges::equal(out.bytes(), pattern)) << "round " << round;
  }
}

TEST_P(BuffersTest, ContentsPersistBetweenSubmissions) {
  const std::shared_ptr<Buffer> kept = make_buffer(device(), 4097, MemoryKind::device);
  const std::vector<std::byte> pattern = pattern_bytes(4097);
  write_bytes(device(), kept, pattern);
  const std::shared_ptr<Queue> queue = device().create_queue();
  for (int i = 0; i < 50; ++i) {
    const std::shared_ptr<Buffer> other =
        make_buffer(device(), 4097, MemoryKind::device);
    queue->submit(record(device(), [&](CommandEncoder& encoder) {
      encoder.fill({other, 0, 4096}, 0xffffffffU);
    }));
  }
  EXPECT_TRUE(is_ok(queue->synchronize()));
  EXPECT_EQ(read_bytes(device(), kept), pattern);
}

}  // namespace
}  // namespace assay::conformance
