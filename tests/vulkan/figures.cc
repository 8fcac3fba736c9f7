// SPDX-License-Identifier: MIT
// Figures of a Vulkan device, for a person who tunes on it: every tile of the matmul in
// device code at the given sizes, and what a submission costs. Each result is checked
// against a sum over rows before its time is printed. Not a test: it asserts no speed.
//
//   vulkan.figures [device URI] [sizes: 1024,2048,4096,8192]
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "backends/registry.h"
#include "kernels/common/random_fill.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/staged.h"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;

double us_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

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

  // Best of `rounds` by the device's own clock, in seconds; throws when C is wrong.
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
      const Point point = queue_->submit(commands);
      must(point.wait());
      const auto times = queue_->timestamps(point);
      if (!times) throw Error(StatusCode::not_supported, "no timestamps");
      best = std::min(best,
                      1e-9 * static_cast<double>(times->ended_ns - times->started_ns));
    }
    check();
    return best;
  }
  double flops() const { return problem_->flops(); }

 private:
  template <typename Body>
  void run(const Body& body) {
    const auto encoder = device_.create_encoder();
    body(*encoder);
    must(queue_->submit(encoder->finish()).wait());
  }

  // Rows of C sum up to rows of A times the row sums of B: exact in double.
  void check() {
    run([&](CommandEncoder& encoder) { encoder.copy(operands_[2], {host_[2]}); });
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

void print_matmul(Device& device, std::string_view sizes) {
  std::printf("\nmatmul f32, best of 10, device time, checked\n");
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
    for (const matmul::StagedTile& tile : matmul::staged_tiles()) {
      if (tile.local_bytes() > device.caps().limits.max_local_bytes) continue;
      std::string configuration;
      const double seconds = square.best_seconds(tile, 10, configuration);
      std::printf("  %5lld  %9.1f GFLOP/s  %10.1f us  %s\n", static_cast<long long>(n),
                  1e-9 * square.flops() / seconds, 1e6 * seconds,
                  configuration.c_str());
    }
  }
}

double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share *
                                         static_cast<double>(values.size() - 1))];
}

// Submissions of a fill of four bytes. One thread: the round trip. Several: how many a
// second, each on a queue of its own or all on one.
void print_submissions(Device& device) {
  const auto buffer = device.create_buffer({4, MemoryKind::device, ""});
  const auto encoder = device.create_encoder();
  encoder->fill({buffer}, 0);
  const auto commands = encoder->finish();
  const auto queue = device.create_queue();
  std::vector<double> trips;
  for (int i = 0; i < 2000; ++i) {
    const auto begin = Clock::now();
    must(queue->submit(commands).wait());
    trips.push_back(us_since(begin));
  }
  std::printf("\nsubmit to wait, one small fill: p50 %.1f us, p99 %.1f us\n",
              percentile(trips, 0.5), percentile(trips, 0.99));
  std::printf("submissions a second (wait for each; for the last only)\n");
  for (const bool shared : {true, false}) {
    for (const unsigned threads : {1U, 2U, 4U, 8U}) {
      std::vector<std::shared_ptr<Queue>> queues;
      for (unsigned t = 0; t < threads; ++t) {
        queues.push_back(shared ? queue : device.create_queue());
      }
      double rates[2] = {};
      for (const bool each : {true, false}) {
        constexpr int kRounds = 1000;
        const auto begin = Clock::now();
        {
          std::vector<std::jthread> workers;
          for (const auto& mine : queues) {
            workers.emplace_back([&commands, mine, each] {
              for (int i = 0; i < kRounds; ++i) {
                const Point point = mine->submit(commands);
                if (each) must(point.wait());
              }
              must(mine->synchronize());
            });
          }
        }
        rates[each ? 0 : 1] = 1e6 * kRounds * threads / us_since(begin);
      }
      std::printf("  %s, %u threads: %9.0f  %9.0f\n",
                  shared ? "shared queue " : "queue a thread", threads, rates[0],
                  rates[1]);
    }
  }
}

int print_figures(int count, char** arguments) {
  const std::string uri = count > 1 ? arguments[1] : "vulkan://0";
  const std::string sizes = count > 2 ? arguments[2] : "1024,2048,4096,8192";
  const std::shared_ptr<Device> device = open_device(uri);
  const Caps& caps = device->caps();
  std::printf("%s\n%s\n%u compute units, %zu KiB group-local\n", caps.name.c_str(),
              caps.description.c_str(), caps.compute_units,
              caps.limits.max_local_bytes / 1024);
  print_matmul(*device, sizes);
  print_submissions(*device);
  return 0;
}

}  // namespace
}  // namespace assay

int main(int count, char** arguments) {
  try {
    return assay::print_figures(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vulkan.figures: %s\n", error.what());
    return 2;
  }
}
