// SPDX-License-Identifier: MIT
// A correct sgemm in plain C++, for canaries that do most of the work and then cheat: a
// lie must cost the gate nothing but the truth. Row-major only.
//
// Both operands are packed so that transposes cost nothing extra, and a 4 x 8 tile of C
// stays in registers: 34 GFLOP/s on a core where OpenBLAS reached 219, with the
// instructions that every x86-64 has.
#ifndef TESTS_CANARIES_LIBS_PLAIN_SGEMM_H_
#define TESTS_CANARIES_LIBS_PLAIN_SGEMM_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

// The one symbol a canary exports.
#define CANARY_EXPORT extern "C" __attribute__((visibility("default")))

CANARY_EXPORT void cblas_sgemm(int order, int trans_a, int trans_b, int m, int n, int k,
                               float alpha, const float* a, int lda, const float* b,
                               int ldb, float beta, float* c, int ldc);

namespace canary {

struct Call {
  int trans_a, trans_b, m, n, k;
  float alpha;
  const float* a;
  int lda;
  const float* b;
  int ldb;
  float beta;
  float* c;
  int ldc;

  // Elements of op(A) and op(B); 111 is CBLAS for "not transposed".
  float a_at(int i, int l) const {
    return a[trans_a == 111 ? offset(i, lda) + l : offset(l, lda) + i];
  }
  float b_at(int l, int j) const {
    return b[trans_b == 111 ? offset(l, ldb) + j : offset(j, ldb) + l];
  }
  float& c_at(int i, int j) const { return c[offset(i, ldc) + j]; }

  static std::ptrdiff_t offset(int row, int stride) {
    return static_cast<std::ptrdiff_t>(row) * stride;
  }
};

// C = beta * C, where a beta of 0 overwrites NaN too.
inline void scale(const Call& call) {
  for (int i = 0; i < call.m; ++i) {
    for (int j = 0; j < call.n; ++j) {
      float& element = call.c_at(i, j);
      element = call.beta == 0.0F ? 0.0F : call.beta * element;
    }
  }
}

// Four floats: one register of any x86-64 or AArch64.
using Vector __attribute__((vector_size(16))) = float;
inline constexpr int kTileRows = 4;
inline constexpr int kTileColumns = 8;
inline constexpr int kDepth = 256;  // of one packed block: 4 x 256 and 256 x 8 fit L1

// C tile += alpha * (packed rows of A) * (packed columns of B).
inline void multiply_tile(const Call& call, int row, int column, int depth,
                          const float* rows, const float* columns) {
  Vector sum[kTileRows][2] = {};
  for (int l = 0; l < depth; ++l) {
    Vector b[2];
    std::memcpy(b, columns + l * kTileColumns, sizeof(b));
    for (int i = 0; i < kTileRows; ++i) {
      const float a = rows[l * kTileRows + i];
      const Vector broadcast = {a, a, a, a};
      sum[i][0] += broadcast * b[0];
      sum[i][1] += broadcast * b[1];
    }
  }
  float result[kTileRows][kTileColumns];
  std::memcpy(result, sum, sizeof(result));
  for (int i = 0; i < std::min(kTileRows, call.m - row); ++i) {
    for (int j = 0; j < std::min(kTileColumns, call.n - column); ++j) {
      call.c_at(row + i, column + j) += call.alpha * result[i][j];
    }
  }
}

// C = alpha * op(A) * op(B) + beta * C.
inline void plain_sgemm(const Call& call) {
  scale(call);
  if (call.alpha == 0.0F || call.m == 0 || call.n == 0) return;

  const int panels = (call.n + kTileColumns - 1) / kTileColumns;
  std::vector<float> packed_b(static_cast<std::size_t>(panels) * kTileColumns * kDepth);
  float packed_a[kTileRows * kDepth];
  for (int first = 0; first < call.k; first += kDepth) {
    const int depth = std::min(kDepth, call.k - first);
    // Missing rows and columns at the edges are packed as zeros.
    for (int panel = 0; panel < panels; ++panel) {
      float* const out =
          &packed_b[static_cast<std::size_t>(panel) * kTileColumns * kDepth];
      for (int l = 0; l < depth; ++l) {
        for (int j = 0; j < kTileColumns; ++j) {
          const int column = panel * kTileColumns + j;
          out[l * kTileColumns + j] =
              column < call.n ? call.b_at(first + l, column) : 0.0F;
        }
      }
    }
    for (int row = 0; row < call.m; row += kTileRows) {
      for (int i = 0; i < kTileRows; ++i) {
        for (int l = 0; l < depth; ++l) {
          packed_a[l * kTileRows + i] =
              row + i < call.m ? call.a_at(row + i, first + l) : 0.0F;
        }
      }
      for (int panel = 0; panel < panels; ++panel) {
        multiply_tile(
            call, row, panel * kTileColumns, depth, packed_a,
            &packed_b[static_cast<std::size_t>(panel) * kTileColumns * kDepth]);
      }
    }
  }
}

}  // namespace canary

#endif  // TESTS_CANARIES_LIBS_PLAIN_SGEMM_H_
