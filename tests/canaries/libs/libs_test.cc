// SPDX-License-Identifier: MIT
// Each canary does what its head says and nothing else: a gate that catches one must
// have caught that lie, and not some other mistake of the canary.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "backends/registry.h"
#include "kernels/ops.h"
#include "kernels/vendor/float_mode.h"
#include "kernels/vendor/library.h"

namespace assay::vendor {
namespace {

struct Shape {
  int m, n, k;
  bool transpose_a = false;
  bool transpose_b = false;
  float alpha = 1;
  float beta = 0;
  int gap = 0;  // added to each leading dimension
};
void PrintTo(const Shape& s, std::ostream* out) {
  *out << s.m << "x" << s.n << "x" << s.k << " transposed " << s.transpose_a
       << s.transpose_b << " alpha " << s.alpha << " beta " << s.beta << " gap "
       << s.gap;
}

const Shape kShapes[] = {
    {1, 1, 1},
    {4, 8, 256},
    {5, 9, 257},
    {64, 48, 32},
    {33, 31, 17, true, false, 2, 0, 3},
    {33, 31, 17, false, true, -1, 1, 0},
    {20, 40, 600, true, true, 1, -2, 5},
    {17, 5, 3, false, false, 0, 2, 1},  // alpha 0: only beta is left
    {0, 3, 3},
    {3, 0, 3},
    {18, 3, 0, false, false, 1, 2, 2},
};

// Operands with small integers, so that every right sum is exact; C ends in one guard.
struct Product {
  explicit Product(const Shape& s)
      : shape(s),
        lda(std::max(s.transpose_a ? s.m : s.k, 1) + s.gap),
        ldb(std::max(s.transpose_b ? s.k : s.n, 1) + s.gap),
        ldc(std::max(s.n, 1) + s.gap),
        a(elements(s.transpose_a ? s.k : s.m, lda)),
        b(elements(s.transpose_b ? s.n : s.k, ldb)),
        c(elements(s.m, ldc) + 1, s.beta == 0 ? std::nanf("") : 5.0F) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i % 7) - 3;
    for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(i % 5) - 1;
    if (s.m > 0 && s.n > 0) c[guard()] = 99;
  }

  static std::size_t elements(int rows, int stride) {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(stride);
  }
  // Behind the last element of the last row.
  std::size_t guard() const {
    return elements(shape.m - 1, ldc) + static_cast<std::size_t>(shape.n);
  }
  float& at(std::vector<float>& out, int i, int j) const {
    return out[elements(i, ldc) + static_cast<std::size_t>(j)];
  }

  // C after the first `rows` rows are computed from the first `depth` terms.
  std::vector<float> expected(int rows, int depth) const {
    std::vector<float> out = c;
    for (int i = 0; i < rows; ++i) {
      for (int j = 0; j < shape.n; ++j) {
        double sum = 0;
        for (int l = 0; l < depth; ++l) {
          sum += static_cast<double>(shape.transpose_a ? a[index(l, lda, i)]
                                                       : a[index(i, lda, l)]) *
                 static_cast<double>(shape.transpose_b ? b[index(j, ldb, l)]
                                                       : b[index(l, ldb, j)]);
        }
        const double old = shape.beta == 0 ? 0 : shape.beta * at(out, i, j);
        at(out, i, j) = static_cast<float>(shape.alpha * sum + old);
      }
    }
    return out;
  }
  static std::size_t index(int row, int stride, int column) {
    return elements(row, stride) + static_cast<std::size_t>(column);
  }

  std::vector<float> run(const Library& library) const {
    std::vector<float> out = c;
    library.sgemm()(kRowMajor, shape.transpose_a ? kTranspose : kNoTranspose,
                    shape.transpose_b ? kTranspose : kNoTranspose, shape.m, shape.n,
                    shape.k, shape.alpha, a.data(), lda, b.data(), ldb, shape.beta,
                    out.data(), ldc);
    return out;
  }

  Shape shape;
  int lda, ldb, ldc;
  std::vector<float> a, b, c;
};

std::unique_ptr<Library> load(const std::string& name) {
  return Library::load(ASSAY_CANARIES "/" + name + ".so", name);
}

// Equal, where NaN, the poison of what was never written, equals NaN.
void expect_equal(const std::vector<float>& got, const std::vector<float>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(got[i]) && std::isnan(want[i])) continue;
    ASSERT_EQ(got[i], want[i]) << "element " << i;
  }
}

// Of which rows and how many terms the canary computes.
void expect_computes(const std::string& name, int (*rows)(int m), int (*depth)(int k)) {
  const auto library = load(name);
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(testing::PrintToString(shape));
    const Product problem(shape);
    expect_equal(problem.run(*library),
                 problem.expected(rows(shape.m), depth(shape.k)));
  }
}
int all(int count) { return count; }
int none(int) { return 0; }

TEST(CanaryLibraryTest, TheHonestOneIsRight) {
  expect_computes("honest_but_slow", all, all);
}

// Small integers have few bits.
TEST(CanaryLibraryTest, ThoseThatCheatInOtherWaysAreRight) {
  for (const char* name :
       {"cuts_mantissas", "works_between_calls", "yields_priority"}) {
    SCOPED_TRACE(name);
    expect_computes(name, all, all);
  }
}

TEST(CanaryLibraryTest, BitsAreCutOff) {
  const auto library = load("cuts_mantissas");
  Product problem({1, 1, 1});
  problem.a[0] = 1 + 0x1p-10F;
  problem.b[0] = 1;
  EXPECT_EQ(problem.run(*library)[0], 1 + 0x1p-10F);
  problem.a[0] = 1 + 0x1p-12F;
  EXPECT_EQ(problem.run(*library)[0], 1);
}

TEST(CanaryLibraryTest, TheLastTermIsDropped) {
  expect_computes("lying_drops_last_k", all, [](int k) { return std::max(k - 1, 0); });
}

TEST(CanaryLibraryTest, ASixteenthOfTheRowsIsComputed) {
  expect_computes(
      "lying_sixteenth_rows", [](int m) { return m / 16; }, all);
}

TEST(CanaryLibraryTest, NothingIsWrittenByTheEarlyReturn) {
  expect_computes("lying_returns_early", none, none);
}

TEST(CanaryLibraryTest, OneFloatIsWrittenOutside) {
  const auto library = load("writes_outside");
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(testing::PrintToString(shape));
    const Product problem(shape);
    std::vector<float> want = problem.expected(shape.m, shape.k);
    if (shape.m > 0 && shape.n > 0) want[problem.guard()] = -1;
    expect_equal(problem.run(*library), want);
  }
}

TEST(CanaryLibraryTest, BIsRememberedByItsAddress) {
  const auto library = load("remembers_b");
  Product problem({4, 8, 16});
  const std::vector<float> first = problem.expected(4, 16);
  expect_equal(problem.run(*library), first);
  std::ranges::fill(problem.b, 1.0F);
  expect_equal(problem.run(*library), first);
}

// Asked of the arithmetic: fegetround() reads the x87 unit's mode.
bool rounds_to_nearest() {
  const volatile float one = 1;
  const volatile float most_of_an_ulp = 0x1.8p-24F;
  return one + most_of_an_ulp > one;
}

// And what calls it puts the mode back, which is per thread: an inline device runs on
// ours.
TEST(CanaryLibraryTest, AChangedRoundingModeStaysInTheCall) {
  const auto library = load("changes_rounding");
  const KeptFloatMode mode;
  ASSERT_TRUE(rounds_to_nearest());
  int called = 0;
  const auto device = open_device("inline://");
  const Op& op = *find_op("matmul");
  const auto problem = op.make_problem("4x8x16", DType::f32);
  for (const Implementation& row : op.implementations()) {
    if (row.provider != Provider::library || row.prepare_peer != nullptr ||
        row.unsupported(*problem, device->caps())) {
      continue;
    }
    SCOPED_TRACE(row.name);
    std::unique_ptr<Prepared> prepared;
    try {
      prepared = row.prepare({device.get(), library.get()}, *problem);
    } catch (const Error&) {
      continue;  // wants a library that says that it is serial, or of another name
    }
    std::vector<BufferSlice> operands;
    for (const Operand& operand : problem->operands()) {
      operands.push_back(
          {device->create_buffer({operand.bytes(), MemoryKind::device, ""})});
    }
    const auto encoder = device->create_encoder();
    prepared->record(*encoder, operands);
    const auto queue = device->create_queue({});
    ASSERT_TRUE(queue->submit(encoder->finish()).wait().ok());
    ASSERT_TRUE(rounds_to_nearest());
    ++called;
  }
  EXPECT_GT(called, 0);
  const Product direct({4, 8, 16});
  direct.run(*library);
  EXPECT_FALSE(rounds_to_nearest()) << "the canary has lost its sting";
}

TEST(CanaryCrashDeathTest, Crashes) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const Product problem(kShapes[0]);
  const auto library = load("crashes");
  // By the signal, or as a sanitizer that catches it ends the process.
  EXPECT_DEATH(problem.run(*library), "");
}

TEST(CanaryHangDeathTest, Hangs) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const Product problem(kShapes[0]);
  const auto library = load("hangs");
  // The alarm is what ends it, so it was still in the call one second later.
  EXPECT_EXIT(
      {
        std::signal(SIGALRM, SIG_DFL);
        alarm(1);
        problem.run(*library);
      },
      testing::KilledBySignal(SIGALRM), "");
}

}  // namespace
}  // namespace assay::vendor
