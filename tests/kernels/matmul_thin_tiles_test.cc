// SPDX-License-Identifier: MIT
// Products of a few rows: the order in which B is read changes no bit, whatever the
// rows, the columns beyond a piece or a vector, and the steps beyond a block.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "kernels/common/isa.h"
#include "kernels/common/narrow_floats.h"
#include "kernels/common/op.h"
#include "kernels/matmul/thin_tiles.h"

namespace assay::matmul {
namespace {

struct Shape {
  std::int64_t rows, cols, depth;
};

std::string to_text(Isa isa, const Shape& shape) {
  return std::string(to_string(isa)) + " " + std::to_string(shape.rows) + "x" +
         std::to_string(shape.cols) + "x" + std::to_string(shape.depth);
}

// Around a vector, a strip, a piece of columns, and blocks of 8, 16 and 32 steps.
std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (std::int64_t rows = 1; rows <= kFewRows; ++rows) {
    for (const std::int64_t depth : {1, 7, 8, 9, 33, 40}) {
      for (const std::int64_t cols : {5, 16, 200, 275}) {
        all.push_back({rows, cols, depth});
      }
    }
    all.push_back({rows, 4 * 4096 + 37, 19});
  }
  for (std::int64_t rows = kFewRows + 1; rows <= kSomeRows; ++rows) {
    all.push_back({rows, 275, 40});
    all.push_back({rows, 2100, 19});
  }
  return all;
}

// Whole numbers of which every sum here is exact, in f32 and in 16 bits.
class Operands {
 public:
  explicit Operands(const Shape& shape) : shape_(shape) {
    std::mt19937 random(static_cast<unsigned>(shape.rows + 31 * shape.cols));
    std::uniform_int_distribution<int> whole(-8, 8);
    const auto fill = [&](std::vector<float>& to, std::int64_t count) {
      to.resize(static_cast<std::size_t>(count));
      for (float& one : to) one = static_cast<float>(whole(random));
    };
    fill(a_, shape.rows * a_row());
    fill(b_, shape.depth * ldb());
    fill(c_, shape.rows * ldc());
  }

  std::int64_t a_row() const { return shape_.depth + 3; }
  std::int64_t ldb() const { return shape_.cols + 5; }
  std::int64_t ldc() const { return shape_.cols + 2; }
  const std::vector<float>& b() const { return b_; }
  const std::vector<float>& c() const { return c_; }

  DirectArgs args(std::vector<float>& c) const {
    DirectArgs args;
    args.a = a_.data();
    args.a_row = a_row();
    args.a_step = 1;
    args.b = b_.data();
    args.ldb = ldb();
    args.c = c.data();
    args.ldc = ldc();
    args.rows = shape_.rows;
    args.cols = shape_.cols;
    args.depth = shape_.depth;
    args.alpha = 2;
    args.beta = -3;
    return args;
  }

  // C after the first `cols` columns are computed.
  std::vector<float> expected(std::int64_t cols) const {
    std::vector<float> result = c_;
    for (std::int64_t i = 0; i < shape_.rows; ++i) {
      for (std::int64_t j = 0; j < cols; ++j) {
        double sum = 0;
        for (std::int64_t l = 0; l < shape_.depth; ++l) {
          sum += static_cast<double>(a_[static_cast<std::size_t>(i * a_row() + l)]) *
                 static_cast<double>(b_[static_cast<std::size_t>(l * ldb() + j)]);
        }
        float& element = result[static_cast<std::size_t>(i * ldc() + j)];
        element = static_cast<float>(2 * sum - 3 * static_cast<double>(element));
      }
    }
    return result;
  }

 private:
  Shape shape_;
  std::vector<float> a_;
  std::vector<float> b_;
  std::vector<float> c_;
};

// The nearest one first.
constexpr Distance kDistances[] = {Distance::near, Distance::far, Distance::far_hinted};

class Sums {
 public:
  // What was there before counts for nothing.
  float* dirty() {
    for (float& one : sums_) one = 1e30F;
    return sums_;
  }

 private:
  alignas(64) float sums_[kFewRowsSums];
};

// check(tiles, shape, operands) on every ISA.
template <class Check>
void for_each_shape(const Check& check) {
  for (const Isa isa : available_isas()) {
    for (const Shape& shape : shapes()) {
      SCOPED_TRACE(to_text(isa, shape));
      check(thin_tiles(isa), shape, Operands(shape));
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(ThinTilesTest, FewRowsAreExactNearAndFar) {
  Sums sums;
  for_each_shape([&](const ThinTiles& tiles, const Shape& shape, const Operands& x) {
    for (const Distance distance : kDistances) {
      std::vector<float> c = x.c();
      const std::int64_t done = tiles.few_rows(x.args(c), distance, sums.dirty());
      ASSERT_EQ(done, shape.cols / tiles.lanes * tiles.lanes);
      ASSERT_EQ(c, x.expected(done)) << "distance " << static_cast<int>(distance);
    }
  });
}

TEST(ThinTilesTest, FewRowsOf16BitsAreExactNearAndFar) {
  Sums sums;
  for_each_shape([&](const ThinTiles& tiles, const Shape& shape, const Operands& x) {
    const std::vector<float> expected = x.expected(shape.cols);
    for (const DType type : {DType::bf16, DType::f16}) {
      std::vector<std::uint16_t> b;
      for (const float one : x.b()) {
        b.push_back(type == DType::bf16 ? f32_to_bf16(one) : f32_to_f16(one));
      }
      const auto compute =
          type == DType::bf16 ? tiles.few_rows_bf16 : tiles.few_rows_f16;
      for (const Distance distance : kDistances) {
        std::vector<float> c = x.c();
        compute(x.args(c), b.data(), distance, sums.dirty());
        ASSERT_EQ(c, expected)
            << to_string(type) << " distance " << static_cast<int>(distance);
      }
    }
  });
}

// Of any numbers: the terms of an element are added in one order.
TEST(ThinTilesTest, DistanceChangesNoBit) {
  Sums sums;
  std::mt19937 random(7);
  std::uniform_real_distribution<float> uniform(-1, 1);
  constexpr std::int64_t kCols = 300;
  constexpr std::int64_t kDepth = 77;
  std::vector<float> a(kSomeRows * kDepth);
  std::vector<float> b(kDepth * kCols);
  for (float& one : a) one = uniform(random);
  for (float& one : b) one = uniform(random);
  for (const Isa isa : available_isas()) {
    const ThinTiles& tiles = thin_tiles(isa);
    for (std::int64_t rows = 1; rows <= kSomeRows; ++rows) {
      std::vector<float> nearest;
      for (const Distance distance : kDistances) {
        std::vector<float> c(kSomeRows * kCols, 0.5F);
        DirectArgs args;
        args.a = a.data();
        args.a_row = kDepth;
        args.a_step = 1;
        args.b = b.data();
        args.ldb = kCols;
        args.c = c.data();
        args.ldc = kCols;
        args.rows = rows;
        args.cols = kCols;
        args.depth = kDepth;
        tiles.few_rows(args, distance, sums.dirty());
        if (distance == Distance::near) nearest = c;
        EXPECT_EQ(std::memcmp(c.data(), nearest.data(), c.size() * sizeof(float)), 0)
            << to_string(isa) << " rows " << rows << " distance "
            << static_cast<int>(distance);
      }
    }
  }
}

}  // namespace
}  // namespace assay::matmul
