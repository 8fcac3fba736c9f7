// SPDX-License-Identifier: MIT
// Figures of a Vulkan device, for a person who tunes on it: every tile of the matmul in
// device code at the given sizes, and what a submission costs. Each result is checked
// against a sum over rows before its time is printed. Not a test: it asserts no speed.
//
//   vulkan.figures [device URI] [sizes: 1024,2048,4096,8192] [file for JSON lines]
//                  [libcublas]
//
// Of a device without timestamps (vulkan://0?timestamps=off) times are those of a host
// clock around submission and wait, and the rows say so.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/registry.h"
#include "kernels/common/random_fill.h"
#include "kernels/matmul/implementations.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/staged.h"
#include "kernels/vendor/cuda/cublas.h"
#include "tests/vulkan/submission_figures.h"

namespace assay {
namespace {

void must(const Status& status) {
  if (!status.ok()) throw Error(status);
}

// A, B and C of n x n integers, so that the check is exact.
class Square {
 public:
  Square(Device& device, std::int64_t n)
      : device_(device),
        queue_(device.create_queue()),
        problem_(matmul::kOp.make_problem(
            matmul::kOp.shape_of_size(static_cast<std::uint64_t>(n)), DType::f32)),
        n_(static_cast<std::size_t>(n)) {
    for (std::size_t i = 0; i < 3; ++i) {
      const std::size_t bytes = problem_->operands()[i].bytes();
      device_memory_.push_back(device.create_buffer({bytes, MemoryKind::device, ""}));
      host_.push_back(device.create_buffer({bytes, MemoryKind::host, ""}));
      operands_.push_back({device_memory_.back()});
      const Mapping map = host_.back()->map();
      problem_->fill(i, DataFamily::integers, 1, map.bytes());
    }
    run([&](CommandEncoder& encoder) {
      for (std::size_t i = 0; i < 2; ++i) encoder.copy({host_[i]}, operands_[i]);
    });
  }

  // Best of `rounds` in seconds; throws when C is wrong.
  double best_seconds(const matmul::StagedTile& tile, int rounds,
                      std::string& configuration) {
    const auto prepared =
        matmul::staged_prepare_tile({&device_, nullptr}, *problem_, tile);
    configuration = prepared->configuration();
    const auto encoder = device_.create_encoder();
    prepared->record(*encoder, operands_);
    const auto commands = encoder->finish();
    run([&](CommandEncoder& poison) { poison.fill(operands_[2], kPoisonBits); });
    double best = 1e30;
    for (int i = 0; i < rounds; ++i) {
      best = std::min(best, seconds_of(commands));
    }
    check();
    return best;
  }
  double flops() const { return problem_->flops(); }

  // Medians of `rounds` runs of ours and of cuBLAS in turn, in seconds, cuBLAS's by its
  // own clock of the device; throws when one of them is wrong.
  std::pair<double, double> paired_seconds(const vendor::cuda::Cublas& cublas,
                                           const matmul::StagedTile& tile, int rounds) {
    const auto peer = matmul::cublas_prepare_peer(cublas, *problem_);
    for (std::size_t i = 0; i < 3; ++i) {
      peer->upload(i, host_[i]->map().bytes());
    }
    const auto prepared =
        matmul::staged_prepare_tile({&device_, nullptr}, *problem_, tile);
    const auto encoder = device_.create_encoder();
    prepared->record(*encoder, operands_);
    const auto commands = encoder->finish();
    std::vector<double> ours;
    std::vector<double> theirs;
    for (int i = 0; i < rounds; ++i) {
      ours.push_back(seconds_of(commands));
      theirs.push_back(1e-9 * peer->run());
    }
    check();
    peer->download(2, host_[2]->map().bytes());
    check_host();
    const auto median = [](std::vector<double>& values) {
      std::sort(values.begin(), values.end());
      return values[values.size() / 2];
    };
    return {median(ours), median(theirs)};
  }

 private:
  template <typename Body>
  void run(const Body& body) {
    const auto encoder = device_.create_encoder();
    body(*encoder);
    must(queue_->submit(encoder->finish()).wait());
  }

  // By the device's own clock, where it has one.
  double seconds_of(const std::shared_ptr<CommandBuffer>& commands) {
    const auto begin = std::chrono::steady_clock::now();
    const Point point = queue_->submit(commands);
    must(point.wait());
    const std::chrono::duration<double> host = std::chrono::steady_clock::now() - begin;
    const auto times = queue_->timestamps(point);
    if (!times) return host.count();
    return 1e-9 * static_cast<double>(times->ended_ns - times->started_ns);
  }

  void check() {
    run([&](CommandEncoder& encoder) { encoder.copy(operands_[2], {host_[2]}); });
    check_host();
  }

  // Rows of C sum up to rows of A times the row sums of B: exact in double.
  void check_host() const {
    const Mapping a = host_[0]->map();
    const Mapping b = host_[1]->map();
    const Mapping c = host_[2]->map();
    std::vector<double> b_sums(n_);
    for (std::size_t l = 0; l < n_; ++l) {
      for (std::size_t j = 0; j < n_; ++j) b_sums[l] += b.as<float>()[l * n_ + j];
    }
    for (std::size_t i = 0; i < n_; ++i) {
      double expected = 0;
      double got = 0;
      for (std::size_t l = 0; l < n_; ++l) {
        expected += a.as<float>()[i * n_ + l] * b_sums[l];
        got += c.as<float>()[i * n_ + l];
      }
      if (!(got == expected)) {
        throw Error(StatusCode::internal, "row " + std::to_string(i) + " is wrong");
      }
    }
  }

  Device& device_;
  std::shared_ptr<Queue> queue_;
  std::unique_ptr<Problem> problem_;
  std::size_t n_;
  std::vector<std::shared_ptr<Buffer>> device_memory_;
  std::vector<std::shared_ptr<Buffer>> host_;
  std::vector<BufferSlice> operands_;
};

// Whose clock our times are by.
const char* clock_of(const Device& device) {
  return device.caps().timestamps ? "device" : "host";
}

// `cublas`: null where there is none.
void measure_matmul(Device& device, std::string_view sizes,
                    const vendor::cuda::Cublas* cublas, figures::Rows& rows) {
  while (!sizes.empty()) {
    const std::string_view text = sizes.substr(0, sizes.find(','));
    sizes.remove_prefix(std::min(text.size() + 1, sizes.size()));
    std::int64_t n = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc() || end != text.data() + text.size() || n < 1) {
      throw Error(StatusCode::invalid_argument,
                  "'" + std::string(text) + "' is not a size");
    }
    Square square(device, n);
    const matmul::StagedTile* best_tile = nullptr;
    double best = 1e30;
    for (const matmul::StagedTile& tile : matmul::staged_tiles()) {
      if (tile.local_bytes() > device.caps().limits.max_local_bytes) continue;
      std::string configuration;
      const double seconds = square.best_seconds(tile, 10, configuration);
      if (seconds < best) best_tile = &tile;
      best = std::min(best, seconds);
      rows.add(figures::Row("matmul f32, best of 10")
                   .number("size", static_cast<double>(n))
                   .number("GFLOP_s", 1e-9 * square.flops() / seconds)
                   .number("us", 1e6 * seconds)
                   .text("clock", clock_of(device))
                   .text("configuration", configuration));
    }
    if (cublas == nullptr || best_tile == nullptr) continue;
    const auto [ours, theirs] = square.paired_seconds(*cublas, *best_tile, 21);
    rows.add(figures::Row("matmul f32 and cuBLAS in turn, medians of 21")
                 .number("size", static_cast<double>(n))
                 .number("ours_GFLOP_s", 1e-9 * square.flops() / ours)
                 .number("cublas_GFLOP_s", 1e-9 * square.flops() / theirs)
                 .number("share_of_cublas", theirs / ours)
                 .text("clock", clock_of(device)));
  }
}

int run_figures(int count, char** arguments) {
  const std::string uri = count > 1 ? arguments[1] : "vulkan://0";
  const std::string sizes = count > 2 ? arguments[2] : "1024,2048,4096,8192";
  const std::shared_ptr<Device> device = open_device(uri);
  const Caps& caps = device->caps();
  figures::Rows rows(count > 3 ? arguments[3] : "");
  rows.add(figures::Row("device")
               .text("name", caps.name)
               .text("description", caps.description)
               .number("compute_units", caps.compute_units));
  std::unique_ptr<const vendor::cuda::Cublas> cublas;
  if (count > 4) {
    cublas = std::make_unique<vendor::cuda::Cublas>(arguments[4], caps.hardware);
    rows.add(figures::Row("cuBLAS")
                 .text("version", cublas->identity().version)
                 .text("configuration", cublas->identity().config));
  }
  measure_matmul(*device, sizes, cublas.get(), rows);
  figures::measure_copies(*device, rows);
  figures::measure_latency(*device, rows);
  figures::measure_pipelines(uri, rows);
  figures::measure_submissions(*device, rows);
  return 0;
}

}  // namespace
}  // namespace assay

int main(int count, char** arguments) {
  try {
    return assay::run_figures(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vulkan.figures: %s\n", error.what());
    return 2;
  }
}
