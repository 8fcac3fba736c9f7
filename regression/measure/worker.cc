// SPDX-License-Identifier: MIT
#include "regression/measure/worker.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "backends/registry.h"
#include "kernels/peak/peak.h"
#include "kernels/vendor/audit.h"
#include "regression/measure/arm.h"
#include "regression/measure/child_process.h"
#include "regression/measure/sampler.h"
#include "regression/measure/shared_expected.h"

namespace assay::measure {
namespace {

template <typename Range, typename Name>
auto* find_named(const Range& range, const Name& name) {
  for (auto& item : range) {
    if (item.name == name) return &item;
  }
  throw Error(StatusCode::invalid_argument, "unknown implementation '" + name + "'");
}

const Op& find_op(std::span<const Op* const> ops, const std::string& name) {
  for (const Op* op : ops) {
    if (op->name() == name) return *op;
  }
  throw Error(StatusCode::invalid_argument, "unknown op '" + name + "'");
}

LibraryAudit to_sample(const vendor::Audit& audit, const std::string& name) {
  const vendor::Identity& identity = audit.identity;
  LibraryAudit sample;
  sample.name = name;
  sample.resolved_path = identity.resolved_path;
  sample.flavour = identity.flavour;
  sample.version = identity.version;
  sample.core_name = identity.core_name;
  sample.isa = identity.isa;
  sample.host_isa = audit.host_isa;
  sample.config = identity.config;
  sample.threading = identity.threading;
  sample.threads = identity.threads;
  sample.gflops_one_thread = audit.gflops_one_thread;
  sample.share_of_peak = audit.share_of_peak;
  sample.impaired = audit.impaired;
  sample.reason = audit.reason;
  return sample;
}

WorkerReply run_audit(const WorkerRequest& request) {
  WorkerReply reply;
  const std::shared_ptr<Device> device = open_device(request.device);
  const peak::Peaks peaks = peak::measure_peaks(*device);
  reply.peak_gflops = peaks.fma_gflops;
  reply.peak_gflops_one = peaks.fma_gflops_one;
  reply.peak_gbs = peaks.triad_gbs;
  if (request.library_path.empty()) return reply;
  const auto library =
      vendor::Library::load(request.library_path, request.library_name);
  reply.audit =
      to_sample(vendor::audit(*library, peaks.fma_gflops_one), request.library_name);
  return reply;
}

// One Comparison a scope that the pass serves and the request wants.
void append(const WorkerRequest& request, const PassSamples& samples, Arm& custom,
            Arm& library, WorkerReply& reply) {
  for (const auto& [scope, blocks] : samples.blocks) {
    if (std::find(request.scopes.begin(), request.scopes.end(), scope) ==
        request.scopes.end()) {
      continue;
    }
    Comparison comparison;
    comparison.custom_scope = scope;
    comparison.library_scope = scope;
    comparison.custom.configuration = custom.configuration();
    comparison.library.configuration = library.configuration();
    ProcessSamples process;
    process.iterations = samples.iterations;
    process.blocks = blocks;
    process.custom_check = custom.check();
    process.library_check = library.check();
    comparison.processes.push_back(std::move(process));
    reply.comparisons.push_back(std::move(comparison));
  }
}

WorkerReply run_measure(const WorkerRequest& request, std::span<const Op* const> ops) {
  const Op& op = find_op(ops, request.op);
  const auto* custom_row = find_named(op.implementations(), request.implementation);
  const auto* library_row =
      find_named(op.implementations(), request.library_implementation);
  const auto data = parse_data_family(request.data);
  if (!data || request.dtype != to_string(DType::f32)) {
    throw Error(StatusCode::invalid_argument, "unknown data family or type");
  }
  const auto problem = op.make_problem(request.shape, DType::f32);
  const auto library =
      vendor::Library::load(request.library_path, request.library_name);
  library->set_threads(request.library_threads);
  const std::shared_ptr<Device> device = open_device(request.device);
  const Expected expected = read_shared_expected(kSharedFd);
  Workbench workbench(device, *problem, *data, request.seed, expected);
  Arm custom(workbench, *custom_row, library.get());
  Arm library_arm(workbench, *library_row, library.get());

  const std::uint32_t units = device->caps().compute_units;
  const auto peak_now = [&] { return peak::measure_fma_gflops(*device, units, 3, 4); };
  double peak = peak_now();
  SamplerOptions options;
  options.blocks = request.blocks;
  options.epoch_ms = request.epoch_ms;
  options.seed = request.seed + 1000003 * request.process;
  std::set<Pass> passes;
  for (const Scope scope : request.scopes) passes.insert(pass_of(scope));
  WorkerReply reply;
  for (const Pass pass : passes) {
    const PassSamples samples = sample(workbench, custom, library_arm, pass, options);
    append(request, samples, custom, library_arm, reply);
  }
  peak = std::max(peak, peak_now());
  ArmCheck inputs;
  workbench.check_inputs(inputs);
  for (Comparison& comparison : reply.comparisons) {
    ProcessSamples& process = comparison.processes.front();
    process.peak_gflops = peak;
    // The arms share the operands: a stray write is reported with both.
    for (ArmCheck* check : {&process.custom_check, &process.library_check}) {
      check->guards_intact = check->guards_intact && inputs.guards_intact;
      if (check->detail.empty()) check->detail = inputs.detail;
    }
  }
  return reply;
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t size = read(fd, buffer.data(), buffer.size());
    if (size > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(size));
    } else if (size == 0 || errno != EINTR) {
      return text;
    }
  }
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = write(fd, text.data(), text.size());
    if (size < 0 && errno != EINTR) return false;
    if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace

WorkerReply run_worker(const WorkerRequest& request, std::span<const Op* const> ops) {
  switch (request.task) {
    case WorkerTask::measure:
      return run_measure(request, ops);
    case WorkerTask::audit:
      return run_audit(request);
  }
  return {};
}

int worker_main(int parent, std::span<const Op* const> ops) {
  die_with_parent(parent);
  try {
    const WorkerRequest request = parse_request(read_all(STDIN_FILENO));
    return write_all(kReplyFd, to_message(run_worker(request, ops))) ? 0
                                                                     : kWorkerFailed;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return error.code() == StatusCode::invalid_argument ? kWorkerInvalid
           : error.code() == StatusCode::unavailable    ? kWorkerUnavailable
                                                        : kWorkerFailed;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return kWorkerFailed;
  }
}

}  // namespace assay::measure
