// SPDX-License-Identifier: MIT
#include "regression/measure/worker.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "backends/registry.h"
#include "kernels/peak/peak.h"
#include "kernels/vendor/audit.h"
#include "kernels/vendor/known_libraries.h"
#include "kernels/vendor/peers.h"
#include "regression/measure/affinity.h"
#include "regression/measure/bench.h"
#include "regression/measure/build_info.h"
#include "regression/measure/ceiling.h"
#include "regression/measure/oracle.h"
#include "regression/measure/processor_use.h"
#include "regression/measure/sampler.h"
#include "regression/measure/serve.h"

namespace assay::measure {
namespace {

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
  // Shares of libraries are of their sgemm; rates are of what the op multiplies.
  if (request.dtype == to_string(DType::bf16)) {
    const std::uint32_t units = device->caps().compute_units;
    const auto products = [&](std::uint32_t used) {
      return peak::measure_product_gflops(*device, DType::bf16, used, 5, 10);
    };
    reply.peak_gflops_one = products(1);
    reply.peak_gflops = units == 1 ? reply.peak_gflops_one : products(units);
  }
  if (request.library_path.empty()) return reply;
  if (vendor::is_peer(request.library_name)) {
    reply.audit =
        to_sample(vendor::audit_peer(request.library_path, device->caps().hardware,
                                     vendor::kSpeedTells ? peaks.fma_gflops : 0),
                  request.library_name);
    return reply;
  }
  const auto library =
      vendor::Library::load(request.library_path, request.library_name);
  // A core does its share of what all do, at least: where it was disturbed while its
  // own peak was taken, an impaired library was audited at 67 % of it and passed.
  const double peak_of_one =
      vendor::kSpeedTells ? std::max(peaks.fma_gflops_one,
                                     peaks.fma_gflops / device->caps().compute_units)
                          : 0;
  reply.audit = to_sample(vendor::audit(*library, peak_of_one), request.library_name);
  return reply;
}

// One Comparison a scope that the pass serves and the request wants.
void append(const WorkerRequest& request, const PassSamples& samples,
            const Bench& bench, WorkerReply& reply) {
  for (const auto& [scope, blocks] : samples.blocks) {
    if (std::find(request.scopes.begin(), request.scopes.end(), scope) ==
        request.scopes.end()) {
      continue;
    }
    Comparison comparison;
    comparison.custom_scope = scope;
    comparison.library_scope = scope;
    comparison.custom.configuration = bench.custom().configuration();
    comparison.library.configuration = bench.library().configuration();
    ProcessSamples process;
    process.iterations = samples.iterations;
    process.blocks = blocks;
    process.custom_check = bench.custom().check();
    process.library_check = bench.library().check();
    comparison.processes.push_back(std::move(process));
    reply.comparisons.push_back(std::move(comparison));
  }
}

// With a library in this process; on a device that is not the host, processors are not
// what is compared.
bool judges_use(const Bench& bench) {
  return bench.own_threads() && bench.device().caps().host_kernels;
}

void require_fair_use(const Bench& bench, const ProcessorUse& custom) {
  const std::string why = unfair_use(custom, bench.own_threads()->get());
  if (!why.empty()) throw Error(StatusCode::failed_precondition, why);
}

// Checked before and after: for those who begin to remember after a while; the checks
// that go along with the samples are of all epochs and of the last.
std::vector<PassSamples> sample_arms(const WorkerRequest& request, const Bench& bench) {
  SamplerOptions options;
  options.blocks = request.blocks;
  options.epoch_ms = request.epoch_ms;
  options.pass_ms = request.pass_ms;
  options.seed = request.seed + 1000003 * request.process;
  std::set<Pass> passes;
  for (const Scope scope : request.scopes) passes.insert(pass_of(scope));
  const auto check_afresh = [&] {
    for (Contestant* arm : {&bench.custom(), &bench.library()}) arm->check_afresh();
  };
  check_afresh();
  // Of both, for reading the clocks disturbs what comes after.
  ProcessorUse of_custom;
  ProcessorUse of_library;
  std::optional<Accounted> accounted_custom;
  std::optional<Accounted> accounted_library;
  const bool fair_use = judges_use(bench);
  if (fair_use) {
    accounted_custom.emplace(bench.custom(), of_custom, *bench.own_threads());
    accounted_library.emplace(bench.library(), of_library, *bench.own_threads());
  }
  Contestant& custom = fair_use ? *accounted_custom : bench.custom();
  Contestant& library = fair_use ? *accounted_library : bench.library();
  std::vector<PassSamples> samples;
  for (const Pass pass : passes) {
    samples.push_back(sample(bench.device(), custom, library, pass, options));
  }
  check_afresh();
  for (Contestant* arm : {&bench.custom(), &bench.library()}) arm->require_computed();
  if (fair_use) require_fair_use(bench, of_custom);
  return samples;
}

WorkerReply run_measure(const WorkerRequest& request, std::span<const Op* const> ops) {
  AffinityWatch affinity;
  const Bench bench(request, ops);
  affinity.settle();
  Device& device = bench.device();
  const std::uint32_t units = device.caps().compute_units;
  const auto peak_now = [&] {
    return peak::measure_product_gflops(device, bench.multiplies(), units, 3, 4);
  };
  double peak = peak_now();
  const std::vector<PassSamples> samples = sample_arms(request, bench);
  affinity.require_unchanged();
  WorkerReply reply;
  for (const PassSamples& pass : samples) append(request, pass, bench, reply);
  peak = std::max(peak, peak_now());
  // Who has a processor for one look has it for the next.
  const auto look_later = [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return peak_now();
  };
  for (const Comparison& comparison : reply.comparisons) {
    peak = raised_ceiling(fastest_gflops(comparison.processes.front(), bench.flops()),
                          peak, look_later);
  }
  const ArmCheck inputs = bench.check_inputs();
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

int status_of(StatusCode code) {
  return code == StatusCode::invalid_argument ? kWorkerInvalid
         : code == StatusCode::unavailable    ? kWorkerUnavailable
                                              : kWorkerFailed;
}

}  // namespace

WorkerReply run_worker(const WorkerRequest& request, std::span<const Op* const> ops) {
  WorkerReply reply;
  switch (request.task) {
    case WorkerTask::measure:
      reply = run_measure(request, ops);
      break;
    case WorkerTask::audit:
      reply = run_audit(request);
      break;
    case WorkerTask::oracle:
      answer_oracle(request, ops);
      break;
  }
  reply.build_version = kBuildVersion;
  reply.build_commit = sources().commit;
  return reply;
}

int worker_main(int parent, std::span<const Op* const> ops) {
  return serve(
      parent,
      [ops](const std::string& request) {
        return to_message(run_worker(parse_request(request), ops));
      },
      status_of);
}

}  // namespace assay::measure
