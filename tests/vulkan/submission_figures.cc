// SPDX-License-Identifier: MIT
#include "tests/vulkan/submission_figures.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "backends/registry.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/staged.h"
#include "kernels/ops.h"

namespace assay::figures {
namespace {

using Clock = std::chrono::steady_clock;

double us_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

void must(const Status& status) {
  if (!status.ok()) throw Error(status);
}

double percentile(std::vector<double>& values, double share) {
  const auto at =
      static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

// A GPU that was idle runs at its idle clock, and takes some time to leave it.
void wake(Queue& queue, const std::shared_ptr<CommandBuffer>& commands) {
  const auto begin = Clock::now();
  while (us_since(begin) < 300e3) must(queue.submit(commands).wait());
}

// axpy on four elements: one group, each dispatch after the one before it.
class Tiny {
 public:
  explicit Tiny(Device& device) : device_(device) {
    const Op& op = *find_op("axpy");
    problem_ = op.make_problem("4", DType::f32);
    for (const Implementation& row : op.implementations()) {
      if (row.unsupported(*problem_, device.caps())) continue;
      prepared_ = row.prepare({&device, nullptr, nullptr}, *problem_);
      break;
    }
    for (const Operand& operand : problem_->operands()) {
      operands_.push_back(
          {device.create_buffer({operand.bytes(), MemoryKind::device, operand.name})});
    }
  }
  // To be run once, before any of the others.
  std::shared_ptr<CommandBuffer> fills() const {
    const auto encoder = device_.create_encoder();
    for (const BufferSlice& slice : operands_) encoder->fill(slice, 0);
    return encoder->finish();
  }
  std::shared_ptr<CommandBuffer> commands(int dispatches) const {
    const auto encoder = device_.create_encoder();
    for (int i = 0; i < dispatches; ++i) prepared_->record(*encoder, operands_);
    return encoder->finish();
  }

 private:
  Device& device_;
  std::unique_ptr<Problem> problem_;
  std::unique_ptr<Prepared> prepared_;
  std::vector<BufferSlice> operands_;
};

enum class Sync { submit_only, event, device };
constexpr const char* kSyncNames[] = {"submit only", "event wait", "device wait"};

struct Setting {
  Sync sync;
  unsigned threads;
  bool shared;
  int dispatches;
};

// Submissions that a thread has in flight at most: what each needs is then soon there.
constexpr int kBacklog = 32;

// `work`: a Tiny for each thread. A queue of its own has commands of its own: shared
// ones are on one real queue at a time.
void measure_setting(Device& device, const std::vector<Tiny>& work,
                     const Setting& setting, Rows& rows) {
  // Some 0.1 s of a GPU's time at 2 us a dispatch, all threads together.
  const int count = std::clamp(
      50'000 / setting.dispatches / static_cast<int>(setting.threads), 20, 1000);
  std::vector<std::shared_ptr<Queue>> queues;
  std::vector<std::shared_ptr<CommandBuffer>> recorded;
  for (unsigned i = 0; i < (setting.shared ? 1U : setting.threads); ++i) {
    queues.push_back(device.create_queue());
    recorded.push_back(work[i].commands(setting.dispatches));
    must(queues.back()->submit(recorded.back()).wait());
  }
  std::vector<std::vector<double>> times(setting.threads);
  const auto begin = Clock::now();
  {
    std::vector<std::jthread> workers;
    for (unsigned t = 0; t < setting.threads; ++t) {
      workers.emplace_back([&, t] {
        Queue& queue = *queues[setting.shared ? 0 : t];
        const auto& commands = recorded[setting.shared ? 0 : t];
        times[t].reserve(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) {
          const auto from = Clock::now();
          const Point point = queue.submit(commands);
          if (setting.sync == Sync::event) must(point.wait());
          if (setting.sync == Sync::device) must(device.synchronize());
          times[t].push_back(us_since(from));
          if (i % kBacklog == kBacklog - 1) must(point.wait());
        }
      });
    }
  }
  for (const auto& queue : queues) must(queue->synchronize());
  const double total_us = us_since(begin);
  std::vector<double> all;
  for (const auto& one : times) all.insert(all.end(), one.begin(), one.end());
  rows.add(Row("submission")
               .text("sync", kSyncNames[static_cast<int>(setting.sync)])
               .number("threads", setting.threads)
               .text("queues", setting.shared ? "shared" : "a thread")
               .number("dispatches", setting.dispatches)
               .number("submissions_a_second",
                       1e6 * static_cast<double>(all.size()) / total_us)
               .number("p50_us", percentile(all, 0.5))
               .number("p99_us", percentile(all, 0.99)));
}

}  // namespace

void measure_copies(Device& device, Rows& rows) {
  if (!device.caps().timestamps) return;
  for (const std::size_t mib : {256U, 1024U}) {
    const std::size_t bytes = mib << 20;
    if (bytes > device.caps().limits.max_buffer_bytes) continue;
    const BufferSlice from{device.create_buffer({bytes, MemoryKind::device, "from"})};
    const BufferSlice to{device.create_buffer({bytes, MemoryKind::device, "to"})};
    const auto queue = device.create_queue();
    const auto setup = device.create_encoder();
    setup->fill(from, 0x3f800000);
    must(queue->submit(setup->finish()).wait());
    const auto encoder = device.create_encoder();
    encoder->copy(from, to);
    const auto commands = encoder->finish();
    wake(*queue, commands);
    std::vector<double> ns;
    for (int i = 0; i < 20; ++i) {
      const Point point = queue->submit(commands);
      must(point.wait());
      const auto times = queue->timestamps(point);
      if (!times) throw Error(StatusCode::not_supported, "no timestamps");
      ns.push_back(static_cast<double>(times->ended_ns - times->started_ns));
    }
    rows.add(
        Row("copy, device to device")
            .number("MiB", static_cast<double>(mib))
            .number("median_GB_s",
                    2.0 * static_cast<double>(bytes) / percentile(ns, 0.5))
            .number("best_GB_s", 2.0 * static_cast<double>(bytes) / percentile(ns, 0)));
  }
}

void measure_latency(Device& device, Rows& rows) {
  const Tiny tiny(device);
  const auto queue = device.create_queue();
  must(queue->submit(tiny.fills()).wait());
  double one_us = 0;
  for (const int dispatches : {1, 257}) {
    const auto commands = tiny.commands(dispatches);
    wake(*queue, commands);
    std::vector<double> host_us;
    std::vector<double> device_us;
    for (int i = 0; i < 2000; ++i) {
      const auto begin = Clock::now();
      const Point point = queue->submit(commands);
      must(point.wait());
      host_us.push_back(us_since(begin));
      if (const auto times = queue->timestamps(point)) {
        device_us.push_back(1e-3 *
                            static_cast<double>(times->ended_ns - times->started_ns));
      }
    }
    Row row("latency");
    row.number("dispatches", dispatches)
        .number("submit_to_wait_p50_us", percentile(host_us, 0.5))
        .number("submit_to_wait_p99_us", percentile(host_us, 0.99));
    if (!device_us.empty()) {
      const double median = percentile(device_us, 0.5);
      row.number("device_p50_us", median);
      if (dispatches == 1) {
        one_us = median;
      } else {
        row.number("each_dependent_dispatch_us", (median - one_us) / (dispatches - 1));
      }
    }
    rows.add(row);
  }
}

void measure_pipelines(const std::string& uri, Rows& rows) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() /
                                       ("assay-figures-" + std::to_string(::getpid()));
  const auto seconds = [&] {
    const auto device =
        open_device(uri + (uri.find('?') == std::string::npos ? "?" : "&") +
                    "cache=" + folder.string());
    const auto problem = matmul::kOp.make_problem("4096x4096x4096", DType::f32);
    const auto begin = Clock::now();
    matmul::staged_prepare({device.get(), nullptr, nullptr}, *problem);
    return 1e-6 * us_since(begin);
  };
  std::vector<double> cold;
  std::vector<double> warm;
  for (int i = 0; i < 5; ++i) {
    std::filesystem::remove_all(folder);
    cold.push_back(seconds());
    warm.push_back(seconds());
  }
  std::filesystem::remove_all(folder);
  rows.add(Row("pipeline of the matmul, medians of 5")
               .number("cold_ms", 1e3 * percentile(cold, 0.5))
               .number("warm_ms", 1e3 * percentile(warm, 0.5)));
}

void measure_submissions(Device& device, Rows& rows) {
  constexpr unsigned kMostThreads = 8;
  std::vector<Tiny> work;
  for (unsigned i = 0; i < kMostThreads; ++i) {
    work.emplace_back(device);
    must(device.create_queue()->submit(work.back().fills()).wait());
  }
  for (const int dispatches : {1, 16, 256}) {
    for (const Sync sync : {Sync::submit_only, Sync::event, Sync::device}) {
      for (const bool shared : {true, false}) {
        for (unsigned threads = 1; threads <= kMostThreads; threads *= 2) {
          measure_setting(device, work, {sync, threads, shared, dispatches}, rows);
        }
      }
    }
  }
}

}  // namespace assay::figures
