// SPDX-License-Identifier: MIT
#include "tests/vulkan/matrix_figures.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/vulkan/device.h"
#include "backends/vulkan/gpu.h"
#include "kernels/common/random_fill.h"
#include "tests/vulkan/shaders/f16_product.comp.h"

namespace assay::figures {
namespace {

struct Constants {
  std::uint32_t n;
  std::uint32_t k;
};

void must(const Status& status) {
  if (!status.ok()) throw Error(status);
}

// -8 ... 8: products and their sums over 2^16 terms are exact in f32.
int small_integer(std::uint64_t what, std::uint64_t at) {
  return static_cast<int>(random_bits(2026, what, at) % 17) - 8;
}

// The bits of an integer below 2^10 in f16.
std::uint16_t f16_bits(int value) {
  if (value == 0) return 0;
  const unsigned magnitude = static_cast<unsigned>(value < 0 ? -value : value);
  unsigned exponent = 0;
  while (magnitude >> (exponent + 1) != 0) ++exponent;
  const unsigned mantissa = (magnitude << (10 - exponent)) & 0x3ffU;
  return static_cast<std::uint16_t>((value < 0 ? 0x8000U : 0U) |
                                    ((exponent + 15) << 10) | mantissa);
}

KernelDesc product_kernel() {
  KernelDesc desc;
  desc.name = "figures.f16_product";
  desc.bindings = {Access::read, Access::read, Access::write};
  desc.constants_bytes = sizeof(Constants);
  desc.device_code.assign(std::begin(kF16Product), std::end(kF16Product));
  return desc;
}

class Product {
 public:
  Product(Device& device, std::size_t n)
      : device_(device), queue_(device.create_queue()), n_(n) {
    for (const std::size_t bytes : {2 * n * n, 2 * n * n, 4 * n * n}) {
      operands_.push_back({device.create_buffer({bytes, MemoryKind::device, ""})});
      host_.push_back(device.create_buffer({bytes, MemoryKind::host, ""}));
    }
    for (std::size_t i = 0; i < 2; ++i) {
      const Mapping map = host_[i]->map();
      for (std::size_t at = 0; at < n * n; ++at) {
        map.as<std::uint16_t>()[at] = f16_bits(small_integer(i, at));
      }
    }
    run([&](CommandEncoder& encoder) {
      for (std::size_t i = 0; i < 2; ++i) encoder.copy({host_[i]}, operands_[i]);
      encoder.fill(operands_[2], kPoisonBits);
    });
  }

  // Seconds of each of `rounds` runs, sorted.
  std::vector<double> seconds(int rounds) {
    const auto kernel = device_.create_kernel(product_kernel());
    const auto tiles = static_cast<std::uint32_t>(n_ / 128);
    const Constants constants{static_cast<std::uint32_t>(n_),
                              static_cast<std::uint32_t>(n_)};
    const auto encoder = device_.create_encoder();
    encoder->dispatch(kernel, {tiles, tiles, 1}, operands_,
                      std::as_bytes(std::span(&constants, 1)));
    const auto commands = encoder->finish();
    std::vector<double> seconds;
    for (int i = 0; i < rounds; ++i) {
      const Point point = queue_->submit(commands);
      must(point.wait());
      const auto times = queue_->timestamps(point);
      if (!times) throw Error(StatusCode::not_supported, "no timestamps");
      seconds.push_back(1e-9 *
                        static_cast<double>(times->ended_ns - times->started_ns));
    }
    std::sort(seconds.begin(), seconds.end());
    return seconds;
  }

  // C w = A (B w) for integers w, row by row and exact in double.
  void check() {
    run([&](CommandEncoder& encoder) { encoder.copy(operands_[2], {host_[2]}); });
    const Mapping c = host_[2]->map();
    std::vector<double> b_sums(n_);
    for (std::size_t at = 0; at < n_ * n_; ++at) {
      b_sums[at / n_] += small_integer(1, at) * small_integer(2, at % n_);
    }
    for (std::size_t i = 0; i < n_; ++i) {
      double expected = 0;
      double got = 0;
      for (std::size_t l = 0; l < n_; ++l) {
        expected += small_integer(0, i * n_ + l) * b_sums[l];
        got += static_cast<double>(c.as<float>()[i * n_ + l]) * small_integer(2, l);
      }
      if (!(got == expected)) {
        throw Error(StatusCode::internal,
                    "row " + std::to_string(i) + " of the f16 product is wrong");
      }
    }
  }

 private:
  template <typename Body>
  void run(const Body& body) {
    const auto encoder = device_.create_encoder();
    body(*encoder);
    must(queue_->submit(encoder->finish()).wait());
  }

  Device& device_;
  std::shared_ptr<Queue> queue_;
  std::size_t n_;
  std::vector<std::shared_ptr<Buffer>> host_;
  std::vector<BufferSlice> operands_;
};

}  // namespace

void measure_matrices(std::int64_t n, Rows& rows) {
  if (!is_matrix_size(n)) return;
  const auto gpu = std::make_shared<vulkan::Gpu>(vulkan::Options{});
  if (!gpu->multiplies_matrices()) return;
  const auto device = vulkan::make_device(gpu);
  Product product(*device, static_cast<std::size_t>(n));
  const std::vector<double> seconds = product.seconds(21);
  product.check();
  const auto size = static_cast<double>(n);
  const double gflop = 2e-9 * size * size * size;
  rows.add(Row("product f16, sums in f32, by matrix units, 21 runs")
               .number("size", size)
               .number("best_GFLOP_s", gflop / seconds.front())
               .number("median_GFLOP_s", gflop / seconds[seconds.size() / 2]));
}

}  // namespace assay::figures
