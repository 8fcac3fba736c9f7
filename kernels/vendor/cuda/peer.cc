// SPDX-License-Identifier: MIT
// A computation of cuBLAS on operands of its own.
#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/vendor/cuda/cublas.h"

namespace assay::vendor::cuda {
namespace {

constexpr std::size_t kPadBytes = 256;  // as CUDA aligns what it allocates
constexpr std::byte kPadByte{0xA5};

// Memory that goes with the scope.
class Memory {
 public:
  Memory(const Driver& driver, std::size_t bytes)
      : driver_(driver), at_(driver.allocate(bytes)) {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { driver_.free(at_); }
  DevicePointer at() const noexcept { return at_; }

 private:
  const Driver& driver_;
  DevicePointer at_;
};

// The time between two points of a stream.
class Watch {
 public:
  explicit Watch(const Driver& driver)
      : driver_(driver), begin_(driver.create_event()), end_(driver.create_event()) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() {
    driver_.destroy_event(begin_);
    driver_.destroy_event(end_);
  }
  template <typename Start>
  double time_ns(Stream stream, const Start& start) const {
    driver_.record(begin_, stream);
    start();
    driver_.record(end_, stream);
    driver_.wait(end_);
    return driver_.elapsed_ns(begin_, end_);
  }

 private:
  const Driver& driver_;
  Event begin_;
  Event end_;
};

class CublasPeer final : public Peer {
 public:
  CublasPeer(const Cublas& library, const Problem& problem, Call call)
      : library_(library), call_(std::move(call)), watch_(library.driver()) {
    for (const Operand& operand : problem.operands()) {
      bytes_.push_back(operand.bytes());
      memory_.push_back(
          std::make_unique<Memory>(library.driver(), operand.bytes() + 2 * kPadBytes));
      operands_.push_back(memory_.back()->at() + kPadBytes);
      const std::vector<std::byte> pad(kPadBytes, kPadByte);
      library.driver().upload(memory_.back()->at(), pad);
      library.driver().upload(operands_.back() + operand.bytes(), pad);
    }
  }

  void upload(std::size_t operand, std::span<const std::byte> contents) override {
    library_.driver().use();
    library_.driver().upload(operands_.at(operand), contents.first(bytes_.at(operand)));
  }
  void download(std::size_t operand, std::span<std::byte> contents) override {
    library_.driver().use();
    library_.driver().download(contents.first(bytes_.at(operand)),
                               operands_.at(operand));
  }
  bool pads_intact() override {
    library_.driver().use();
    std::vector<std::byte> pad(kPadBytes);
    const auto is_intact = [&](DevicePointer at) {
      library_.driver().download(pad, at);
      return std::all_of(pad.begin(), pad.end(),
                         [](std::byte byte) { return byte == kPadByte; });
    };
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      if (!is_intact(memory_[i]->at()) || !is_intact(operands_[i] + bytes_[i])) {
        return false;
      }
    }
    return true;
  }
  double run() override {
    library_.driver().use();
    return watch_.time_ns(library_.stream(), [&] { call_(library_, operands_); });
  }
  std::string configuration() const override { return library_.identity().config; }

 private:
  const Cublas& library_;
  const Call call_;
  Watch watch_;
  std::vector<std::size_t> bytes_;
  std::vector<std::unique_ptr<Memory>> memory_;
  std::vector<DevicePointer> operands_;
};

}  // namespace

std::unique_ptr<Peer> make_peer(const Cublas& library, const Problem& problem,
                                Call call) {
  library.driver().use();
  return std::make_unique<CublasPeer>(library, problem, std::move(call));
}

std::optional<std::string> needs_gpu(const Problem& problem, const Caps& caps) {
  if (problem.dtype() != DType::f32) return "computes f32 only";
  if (caps.hardware.empty()) return "cuBLAS needs a device that is a GPU";
  for (const Operand& operand : problem.operands()) {
    if (operand.elements > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
      return "cuBLAS is called with extents below 2^31";
    }
  }
  return std::nullopt;
}

std::unique_ptr<Prepared> prepares_no_commands(const PrepareContext& /*context*/,
                                               const Problem& problem) {
  throw Error(StatusCode::not_supported,
              std::string(problem.op()) +
                  ": cuBLAS runs beside the device, and not in its command buffers");
}

double sgemm_gflops(const Cublas& library) {
  // Large enough to fill any GPU, and 3 ms on an H200.
  constexpr int n = 4096;
  constexpr std::size_t kBytes = std::size_t{n} * n * sizeof(float);
  const Driver& driver = library.driver();
  driver.use();
  const Memory a(driver, kBytes);
  const Memory c(driver, kBytes);
  std::vector<float> values(std::size_t{n} * n);
  // Small numbers of both signs: not zeros, which take less power and so less time.
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i % 7) - 3.0F;
  }
  driver.upload(a.at(), std::as_bytes(std::span(values)));
  const Watch watch(driver);
  double best_ns = std::numeric_limits<double>::infinity();
  for (int call = 0; call < 6; ++call) {
    const double ns = watch.time_ns(library.stream(), [&] {
      library.sgemm(false, false, n, n, n, 1, a.at(), n, a.at(), n, 0, c.at(), n);
    });
    // The first loads the kernels.
    if (call > 0) best_ns = std::min(best_ns, ns);
  }
  return 2.0 * n * n * n / std::max(best_ns, 1.0);
}

}  // namespace assay::vendor::cuda
