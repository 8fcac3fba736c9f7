// SPDX-License-Identifier: MIT
// The oracle of a large product, its rows shared among threads of the host. Rows know
// nothing of each other: a band of them is a product of its own, reference() takes it
// as it is, and the numbers are the same, bit for bit. Without that the oracle of
// 8192^3 on one thread takes minutes, and what takes minutes is left out.
#include <algorithm>
#include <cstddef>
#include <future>
#include <thread>
#include <vector>

#include "kernels/common/checked_math.h"
#include "kernels/matmul/matmul.h"

namespace assay::matmul {
namespace {

OracleResult band_of(Params p, Arrays arrays, std::int64_t first, std::int64_t last) {
  p.m = last - first;
  if (arrays.a != nullptr) arrays.a += p.transpose_a ? first : first * p.lda;
  if (arrays.c != nullptr) arrays.c += first * p.ldc;
  return reference(p, arrays);
}

}  // namespace

unsigned oracle_threads(const Params& p) noexcept {
  // Some two seconds of one thread. Each thread has a copy of B.
  constexpr double kTermsWorthIt = 0x1p32;
  constexpr unsigned kMost = 16;
  const double terms =
      static_cast<double>(p.m) * static_cast<double>(p.n) * static_cast<double>(p.k);
  if (terms < kTermsWorthIt) return 1;
  return std::clamp(std::thread::hardware_concurrency(), 1U, kMost);
}

OracleResult reference_in_bands(const Params& p, const Arrays& arrays,
                                unsigned threads) {
  const std::int64_t rows =
      std::max<std::int64_t>(1, divide_up(p.m, std::max(1U, threads)));
  if (rows >= p.m) return reference(p, arrays);
  std::vector<std::future<OracleResult>> bands;
  for (std::int64_t first = 0; first < p.m; first += rows) {
    bands.push_back(std::async(std::launch::async, band_of, p, arrays, first,
                               std::min(p.m, first + rows)));
  }
  OracleResult all;
  const auto size = static_cast<std::size_t>(p.m * p.n);
  all.value.reserve(size);
  all.magnitude.reserve(size);
  for (std::future<OracleResult>& band : bands) {
    const OracleResult one = band.get();
    all.value.insert(all.value.end(), one.value.begin(), one.value.end());
    all.magnitude.insert(all.magnitude.end(), one.magnitude.begin(),
                         one.magnitude.end());
  }
  return all;
}

}  // namespace assay::matmul
