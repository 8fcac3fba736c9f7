// SPDX-License-Identifier: MIT
// Right but for a row, a column, or one element that is left as it was: what somebody
// would see who looked at every element.
#include "tests/canaries/libs/plain_sgemm.h"

namespace {
int wrong_row = -1;
int wrong_column = -1;
int left_element = -1;
}  // namespace

CANARY_EXPORT void be_wrong_at(int row, int column, int element);
void be_wrong_at(int row, int column, int element) {
  wrong_row = row;
  wrong_column = column;
  left_element = element;
}

void cblas_sgemm(int /*order*/, int trans_a, int trans_b, int m, int n, int k,
                 float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc) {
  const float old = left_element < 0 ? 0.0F : c[left_element];
  const canary::Call call{trans_a, trans_b, m,   n,    k, alpha, a,
                          lda,     b,       ldb, beta, c, ldc};
  canary::plain_sgemm(call);
  for (int j = 0; wrong_row >= 0 && j < n; ++j) call.c_at(wrong_row, j) += 1;
  for (int i = 0; wrong_column >= 0 && i < m; ++i) call.c_at(i, wrong_column) += 1;
  if (left_element >= 0) c[left_element] = old;
}
