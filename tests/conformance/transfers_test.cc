// SPDX-License-Identifier: MIT
// Copy and fill, by offset and size, with red zones around every destination; and what
// an encoder refuses to record.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "tests/conformance/conformance_test.h"
#include "tests/conformance/recipes.h"
#include "tests/support/status_checks.h"

namespace assay::conformance {
namespace {

using testing_support::is_ok;
using testing_support::thrown_code;

constexpr std::size_t kHuge = std::numeric_limits<std::size_t>::max();

class TransfersTest : public ConformanceTest {
 protected:
  void run(const std::function<void(CommandEncoder&)>& body) {
    const Status status =
        device().create_queue()->submit(record(device(), body)).wait();
    EXPECT_TRUE(is_ok(status));
  }
};
RUN_ON_EVERY_DEVICE(TransfersTest);

TEST_P(TransfersTest, CopyMovesExactlyItsRange) {
  constexpr std::size_t kBytes = 8192;
  const std::vector<std::byte> source_pattern = pattern_bytes(kBytes, 1);
  const std::vector<std::byte> red_zone(kBytes, std::byte{0xa5});
  for (const MemoryKind from : kMemoryKinds) {
    for (const MemoryKind to : kMemoryKinds) {
      const std::shared_ptr<Buffer> source = make_buffer(device(), kBytes, from);
      const std::shared_ptr<Buffer> destination = make_buffer(device(), kBytes, to);
      write_bytes(device(), source, source_pattern);
      for (const std::size_t bytes : {0U, 1U, 3U, 4U, 63U, 4095U, 4097U}) {
        for (const std::size_t offset : {0U, 1U, 4U, 4095U}) {
          const std::size_t target = (offset * 7 + 3) % 4095;
          write_bytes(device(), destination, red_zone);
          run([&](CommandEncoder& encoder) {
            encoder.copy({source, offset, bytes}, {destination, target, bytes});
          });
          std::vector<std::byte> expected = red_zone;
          std::copy_n(source_pattern.begin() + static_cast<std::ptrdiff_t>(offset),
                      bytes, expected.begin() + static_cast<std::ptrdiff_t>(target));
          ASSERT_EQ(read_bytes(device(), destination), expected)
              << bytes << " bytes from " << to_string(from) << " + " << offset << " to "
              << to_string(to) << " + " << target;
        }
      }
      EXPECT_EQ(read_bytes(device(), source), source_pattern);
    }
  }
}

TEST_P(TransfersTest, WholeMeansFromTheOffsetToTheEnd) {
  const std::shared_ptr<Buffer> source = make_buffer(device(), 100);
  const std::shared_ptr<Buffer> destination = make_words(device(), 25, 0);
  write_bytes(device(), source, pattern_bytes(100));
  run([&](CommandEncoder& encoder) {
    encoder.copy({source, 40}, {destination, 40, 60});
  });
  run([&](CommandEncoder& encoder) { encoder.fill({destination, 80}, 0x01020304); });
  std::vector<std::byte> expected = pattern_bytes(100);
  std::fill_n(expected.begin(), 40, std::byte{0});
  for (std::size_t i = 80; i < 100; ++i) expected[i] = std::byte(4 - i % 4);
  EXPECT_EQ(read_bytes(device(), destination), expected);
}

TEST_P(TransfersTest, LargeCopiesArriveWhole) {
  constexpr std::size_t kBytes = (std::size_t{4} << 20) + 13;
  const std::shared_ptr<Buffer> first =
      make_buffer(device(), kBytes, MemoryKind::device);
  const std::shared_ptr<Buffer> second =
      make_buffer(device(), kBytes, MemoryKind::host);
  const std::vector<std::byte> pattern = pattern_bytes(kBytes);
  write_bytes(device(), first, pattern);
  run([&](CommandEncoder& encoder) { encoder.copy({first}, {second}); });
  EXPECT_TRUE(read_bytes(device(), second) == pattern);
}

TEST_P(TransfersTest, CopyWithinABufferMayTouchButNotOverlap) {
  const std::shared_ptr<Buffer> buffer = make_buffer(device(), 64);
  std::vector<std::byte> expected = pattern_bytes(64);
  write_bytes(device(), buffer, expected);
  run([&](CommandEncoder& encoder) {
    encoder.copy({buffer, 0, 32}, {buffer, 32, 32});
  });
  std::copy_n(expected.begin(), 32, expected.begin() + 32);
  EXPECT_EQ(read_bytes(device(), buffer), expected);
  run([&](CommandEncoder& encoder) {
    encoder.copy({buffer, 33, 31}, {buffer, 2, 31});
  });
  std::copy_n(expected.begin() + 33, 31, expected.begin() + 2);
  EXPECT_EQ(read_bytes(device(), buffer), expected);
}

TEST_P(TransfersTest, FillWritesExactlyItsRange) {
  constexpr std::uint32_t kPattern = 0xdec0ad0b;
  for (const MemoryKind kind : kMemoryKinds) {
    const std::shared_ptr<Buffer> buffer = make_buffer(device(), 8195, kind);
    for (const std::size_t bytes : {0U, 4U, 8U, 60U, 4096U}) {
      for (const std::size_t offset : {0U, 4U, 64U, 4092U}) {
        std::vector<std::byte> expected = pattern_bytes(8195);
        write_bytes(device(), buffer, expected);
        run([&](CommandEncoder& e) { e.fill({buffer, offset, bytes}, kPattern); });
        for (std::size_t i = 0; i < bytes; i += 4) {
          std::memcpy(expected.data() + offset + i, &kPattern, 4);
        }
        ASSERT_EQ(read_bytes(device(), buffer), expected)
            << bytes << " bytes at " << offset << " of " << to_string(kind);
      }
    }
  }
}

TEST_P(TransfersTest, EmptyBuffersTakePart) {
  for (const MemoryKind kind : kMemoryKinds) {
    const std::shared_ptr<Buffer> empty = make_buffer(device(), 0, kind);
    const std::shared_ptr<Buffer> other = make_buffer(device(), 0, MemoryKind::device);
    run([&](CommandEncoder& encoder) {
      encoder.copy({empty}, {other});
      encoder.copy({other, 0, 0}, {empty, 0, 0});
      encoder.fill({empty}, 1);
    });
    EXPECT_TRUE(read_bytes(device(), empty).empty());
  }
}

// Every refusal below must also leave the command buffer and the contents alone.
class RefusedTransfersTest : public TransfersTest {
 protected:
  void SetUp() override {
    TransfersTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    buffer_ = make_buffer(device(), 64);
    other_ = make_buffer(device(), 64);
    odd_ = make_buffer(device(), 67);
    for (const auto& buffer : {buffer_, other_, odd_}) {
      write_bytes(device(), buffer, pattern_bytes(buffer->bytes()));
    }
    encoder_ = device().create_encoder();
  }

  void TearDown() override {
    if (encoder_) {
      const Commands commands = encoder_->finish();
      EXPECT_EQ(commands->command_count(), 0U);
      EXPECT_TRUE(is_ok(device().create_queue()->submit(commands).wait()));
      for (const auto& buffer : {buffer_, other_, odd_}) {
        EXPECT_EQ(read_bytes(device(), buffer), pattern_bytes(buffer->bytes()));
      }
      encoder_.reset();
      buffer_.reset();
      other_.reset();
      odd_.reset();
    }
    TransfersTest::TearDown();
  }

  std::optional<StatusCode> copy(const BufferSlice& source, const BufferSlice& target) {
    return thrown_code([&] { encoder_->copy(source, target); });
  }
  std::optional<StatusCode> fill(const BufferSlice& target) {
    return thrown_code([&] { encoder_->fill(target, 0); });
  }

  std::shared_ptr<Buffer> buffer_;
  std::shared_ptr<Buffer> other_;
  std::shared_ptr<Buffer> odd_;
  std::unique_ptr<CommandEncoder> encoder_;
};
RUN_ON_EVERY_DEVICE(RefusedTransfersTest);

TEST_P(RefusedTransfersTest, RangesOutsideTheBuffer) {
  EXPECT_EQ(copy({buffer_, 0, 65}, {other_, 0, 65}), kInvalid);
  EXPECT_EQ(copy({buffer_, 65, 0}, {other_, 0, 0}), kInvalid);
  EXPECT_EQ(copy({buffer_, 65}, {other_, 0, 0}), kInvalid);
  EXPECT_EQ(copy({buffer_, 32, 32}, {other_, 33, 32}), kInvalid);
  EXPECT_EQ(fill({buffer_, 0, 68}), kInvalid);
  EXPECT_EQ(fill({buffer_, 68}), kInvalid);
  // The end wraps around to something small.
  EXPECT_EQ(copy({buffer_, 8, kHuge - 3}, {other_, 8, kHuge - 3}), kInvalid);
  EXPECT_EQ(fill({buffer_, 8, kHuge - 3}), kInvalid);
  EXPECT_EQ(fill({buffer_, kHuge - 3, 8}), kInvalid);
}

TEST_P(RefusedTransfersTest, UnequalSizes) {
  EXPECT_EQ(copy({buffer_, 0, 8}, {other_, 0, 4}), kInvalid);
  EXPECT_EQ(copy({buffer_}, {odd_}), kInvalid);
  EXPECT_EQ(copy({buffer_, 4}, {other_}), kInvalid);
}

TEST_P(RefusedTransfersTest, OverlappingRanges) {
  EXPECT_EQ(copy({buffer_}, {buffer_}), kInvalid);
  EXPECT_EQ(copy({buffer_, 0, 33}, {buffer_, 31, 33}), kInvalid);
  EXPECT_EQ(copy({buffer_, 31, 33}, {buffer_, 0, 33}), kInvalid);
  EXPECT_EQ(copy({buffer_, 0, 5}, {buffer_, 4, 5}), kInvalid);
}

TEST_P(RefusedTransfersTest, FillsThatAreNoMultipleOfFour) {
  EXPECT_EQ(fill({buffer_, 2, 4}), kInvalid);
  EXPECT_EQ(fill({buffer_, 4, 3}), kInvalid);
  EXPECT_EQ(fill({buffer_, 1, 0}), kInvalid);
  EXPECT_EQ(fill({odd_}), kInvalid) << "whole, but 67 bytes";
  EXPECT_EQ(fill({odd_, 3}), kInvalid) << "64 bytes, but from 3 on";
}

TEST_P(RefusedTransfersTest, MissingAndForeignBuffers) {
  const std::shared_ptr<Device> another = open_another();
  const std::shared_ptr<Buffer> foreign = make_buffer(*another, 64);
  EXPECT_EQ(copy({nullptr}, {buffer_}), kInvalid);
  EXPECT_EQ(copy({buffer_}, {nullptr}), kInvalid);
  EXPECT_EQ(fill({nullptr}), kInvalid);
  EXPECT_EQ(copy({foreign}, {buffer_}), kInvalid);
  EXPECT_EQ(copy({buffer_}, {foreign}), kInvalid);
  EXPECT_EQ(fill({foreign}), kInvalid);
}

}  // namespace
}  // namespace assay::conformance
