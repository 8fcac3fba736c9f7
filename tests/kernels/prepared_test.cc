// SPDX-License-Identifier: MIT
// What Implementation::prepare gives refuses slices that are not its problem's
// operands, before a kernel trusts them.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/ops.h"
#include "tests/kernels/matmul_harness.h"

namespace assay {
namespace {

using Slices = std::vector<BufferSlice>;

class PreparedTest : public testing::Test {
 protected:
  void SetUp() override { device_ = testing_support::device_or_skip("inline://"); }

  Slices slices_of(const Problem& problem) const {
    Slices slices;
    for (const Operand& operand : problem.operands()) {
      // Room behind it, so that a slice may be too long.
      const BufferDesc desc{operand.bytes() + 64, MemoryKind::unified, ""};
      slices.push_back({device_->create_buffer(desc), 0, operand.bytes()});
    }
    return slices;
  }

  // What recording a computation answers; empty when it takes the slices.
  std::string answer(const Prepared& prepared, const Slices& slices) const {
    return answer_to(
        [&](CommandEncoder& encoder) { prepared.record(encoder, slices); });
  }
  // The same of the setup.
  std::string answer_of_setup(const Prepared& prepared, const Slices& slices) const {
    return answer_to(
        [&](CommandEncoder& encoder) { prepared.record_setup(encoder, slices); });
  }
  std::string answer_to(const std::function<void(CommandEncoder&)>& record) const {
    const auto encoder = device_->create_encoder();
    try {
      record(*encoder);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), expected_code_) << error.what();
      EXPECT_EQ(encoder->finish()->command_count(), 0U) << error.what();
      return error.what();
    }
    return {};
  }

  // Each implementation of ours of each op, with 8 for its size.
  void for_each(const std::function<void(const Prepared&, const Problem&)>& look) {
    for (const Op* const op : all_ops()) {
      const auto problem = op->make_problem(op->shape_of_size(8), DType::f32);
      for (const Implementation* const row :
           testing_support::custom_implementations(*op)) {
        SCOPED_TRACE(std::string(op->name()) + " " + std::string(row->name));
        look(*row->prepare({device_}, *problem), *problem);
      }
    }
  }

  Device* device_ = nullptr;
  StatusCode expected_code_ = StatusCode::invalid_argument;
};

TEST_F(PreparedTest, TakesItsOperands) {
  for_each([&](const Prepared& prepared, const Problem& problem) {
    Slices slices = slices_of(problem);
    EXPECT_EQ(answer(prepared, slices), "");
    // All of a buffer, by its own name.
    const BufferDesc desc{problem.operands()[0].bytes(), MemoryKind::unified, ""};
    slices[0] = {device_->create_buffer(desc)};
    EXPECT_EQ(answer(prepared, slices), "");
  });
}

TEST_F(PreparedTest, RefusesAnotherNumberOfOperands) {
  for_each([&](const Prepared& prepared, const Problem& problem) {
    Slices slices = slices_of(problem);
    slices.push_back(slices[0]);
    EXPECT_NE(answer(prepared, slices), "");
    slices.resize(problem.operands().size() - 1);
    EXPECT_NE(answer(prepared, slices), "");
    EXPECT_NE(answer(prepared, {}), "");
  });
}

TEST_F(PreparedTest, RefusesOtherSizes) {
  for_each([&](const Prepared& prepared, const Problem& problem) {
    for (std::size_t i = 0; i < problem.operands().size(); ++i) {
      Slices slices = slices_of(problem);
      slices[i].bytes -= 4;
      EXPECT_NE(answer(prepared, slices), "");
      slices[i].bytes += 8;
      EXPECT_NE(answer(prepared, slices), "");
      slices[i].bytes = BufferSlice::kWhole;
      EXPECT_NE(answer(prepared, slices), "");
      slices[i] = {slices[i].buffer, 68, slices[i].buffer->bytes() - 64};
      EXPECT_NE(answer(prepared, slices), "");
      slices[i].buffer = nullptr;
      EXPECT_NE(answer(prepared, slices), "");
    }
  });
}

// All of them before the first command, which may be one that does not use the slice.
TEST_F(PreparedTest, RefusesWhatNoKernelCanBind) {
  for_each([&](const Prepared& prepared, const Problem& problem) {
    for (std::size_t i = 0; i < problem.operands().size(); ++i) {
      Slices slices = slices_of(problem);
      slices[i].offset = 2;
      EXPECT_NE(answer(prepared, slices), "");
    }
  });
  expected_code_ = StatusCode::not_supported;
  for_each([&](const Prepared& prepared, const Problem& problem) {
    for (std::size_t i = 0; i < problem.operands().size(); ++i) {
      Slices slices = slices_of(problem);
      slices[i] = {
          device_->create_buffer({slices[i].bytes, MemoryKind::host, "staging"})};
      EXPECT_NE(answer(prepared, slices), "");
    }
  });
}

// Wherever it begins; beside an input in one buffer it is right.
TEST_F(PreparedTest, RefusesAnOutputOverAnInput) {
  for_each([&](const Prepared& prepared, const Problem& problem) {
    const std::size_t out = problem.output();
    for (std::size_t i = 0; i < problem.operands().size(); ++i) {
      if (i == out) continue;
      Slices slices = slices_of(problem);
      const std::size_t in = slices[i].bytes;
      const BufferDesc desc{in + slices[out].bytes, MemoryKind::unified, ""};
      const auto both = device_->create_buffer(desc);
      slices[i] = {both, 0, in};
      slices[out] = {both, in - 4, slices[out].bytes};
      EXPECT_NE(answer(prepared, slices), "");
      slices[out].offset = 0;
      EXPECT_NE(answer(prepared, slices), "");
      slices[out].offset = in;
      EXPECT_EQ(answer(prepared, slices), "");
    }
  });
}

// Which reads what is constant and nothing else.
TEST_F(PreparedTest, RefusesConstantsOfOtherSizesInTheSetup) {
  for_each([&](const Prepared& prepared, const Problem& problem) {
    for (std::size_t i = 0; i < problem.operands().size(); ++i) {
      Slices slices = slices_of(problem);
      EXPECT_EQ(answer_of_setup(prepared, slices), "");
      const bool constant = problem.operands()[i].constant;
      slices[i].bytes -= 4;
      EXPECT_EQ(answer_of_setup(prepared, slices).empty(), !constant);
      slices[i] = {};
      EXPECT_EQ(answer_of_setup(prepared, slices).empty(), !constant);
    }
    EXPECT_NE(answer_of_setup(prepared, {}), "");
  });
}

TEST_F(PreparedTest, SaysWhatIsWrong) {
  const Op& op = *find_op("matmul");
  const auto problem = op.make_problem("2x3x4", DType::f32);
  const auto prepared = find_implementation(op, "naive")->prepare({device_}, *problem);
  Slices slices = slices_of(*problem);
  slices[1].bytes = 44;
  EXPECT_EQ(answer(*prepared, slices), "matmul: b has 48 bytes; the slice has 44");
  slices = slices_of(*problem);
  slices[2] = {slices[0].buffer, 28, 24};
  EXPECT_EQ(answer(*prepared, slices),
            "matmul: c overlaps a: a result must not lie where an input does");
  EXPECT_EQ(answer(*prepared, {}), "matmul has 3 operands; 0 were given");
}

TEST_F(PreparedTest, WantsADevice) {
  const Op& op = *find_op("axpy");
  const auto problem = op.make_problem("8", DType::f32);
  EXPECT_THROW(op.implementations()[1].prepare({}, *problem), Error);
}

// matmul and its two 16-bit storages share the type of their problems: who computes on
// elements of one size refuses those of another.
TEST_F(PreparedTest, OperandsOfAnotherStorageAreNotRead) {
  const auto refuses = [&](const char* op, const char* row, const char* problem_of) {
    const Op& other = *find_op(problem_of);
    const auto problem = other.make_problem("8x8x8", DType::f32);
    const Implementation& implementation = *find_implementation(*find_op(op), row);
    EXPECT_TRUE(implementation.unsupported(*problem, device_->caps())) << row;
    EXPECT_THROW(implementation.prepare({device_}, *problem), Error) << row;
  };
  for (const char* const narrow : {"matmul_bf16", "matmul_f16"}) {
    refuses("matmul", "reference", narrow);
    refuses("matmul", "tiled", narrow);
    refuses(narrow, "converted", "matmul");
  }
}

// An empty product needs no room for operands that nobody reads.
TEST_F(PreparedTest, NothingIsConvertedForAnEmptyProduct) {
  const Op& op = *find_op("matmul_f16");
  const auto problem = op.make_problem("2147483647x0x2147483", DType::f32);
  const auto prepared =
      find_implementation(op, "converted")->prepare({device_}, *problem);
  EXPECT_EQ(prepared->workspace_bytes(), 0U);
}

}  // namespace
}  // namespace assay
