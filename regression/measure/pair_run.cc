// SPDX-License-Identifier: MIT
#include "regression/measure/pair_run.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "kernels/common/cache_info.h"
#include "regression/measure/ceiling.h"

namespace assay::measure {
namespace {

// What the library's workers had on top of Results::worker_environment.
std::string environment_note(const vendor::LibrarySpec& library,
                             const LaunchOptions& options) {
  Environment own = library.environment(static_cast<int>(options.compute_units));
  own.insert(own.end(), options.additions.begin(), options.additions.end());
  std::string note;
  for (const auto& [name, value] : own) note += " " + name + "=" + value;
  return note.empty() ? "" : " environment:" + note;
}

const vendor::KnownLibrary* known_library(std::string_view name) {
  const std::span<const vendor::KnownLibrary> known = vendor::known_libraries();
  const auto found = std::ranges::find(known, name, &vendor::KnownLibrary::name);
  return found == known.end() ? nullptr : &*found;
}

// What a row calls of `theirs` can be called of `library`. Of a path nobody knows what
// it is before a worker has loaded it.
bool can_stand_in(const vendor::LibrarySpec& library,
                  const vendor::KnownLibrary& theirs) {
  if (library.calling != theirs.calling) return false;
  const vendor::KnownLibrary* const known = known_library(library.name);
  return known == nullptr || known->interface == theirs.interface ||
         theirs.interface == vendor::Interface::cblas;
}

void raise_triad(const Pair& pair, const LaunchOptions& options,
                 const ProcessSamples& process) {
  if (pair.problem == nullptr) return;
  LibraryAccount& account = *pair.account;
  const double cache = pair.device_cache_bytes > 0
                           ? pair.device_cache_bytes
                           : static_cast<double>(cache_info().l3_bytes);
  LaunchOptions alone = options;
  alone.shared_fd = -1;
  account.peak_gbs = raised_triad(
      process, beyond_cache(pair.problem->compulsory_bytes(), cache), account.peak_gbs,
      account.triad_looks,
      [&] { return audit_library(no_library(), pair.request.device, alone).peak_gbs; });
}

void append(const Pair& pair, const LaunchOptions& options, Comparison&& measured,
            Comparison& into) {
  into.custom.configuration = measured.custom.configuration;
  into.library.configuration = measured.library.configuration;
  if (pair.library != nullptr) {
    into.library.configuration += environment_note(*pair.library, options);
  }
  for (ProcessSamples& process : measured.processes) {
    raise_triad(pair, options, process);
    process.peak_gbs = pair.account->peak_gbs;
    process.peak_gflops = std::max(process.peak_gflops, pair.account->peak_gflops);
    into.processes.push_back(std::move(process));
  }
}

}  // namespace

const vendor::LibrarySpec& no_library() {
  static const vendor::LibrarySpec kNone;
  return kNone;
}

const Op& named_op(std::span<const Op* const> ops, std::string_view name) {
  std::string known;
  for (const Op* op : ops) {
    if (op->name() == name) return *op;
    known.append(known.empty() ? "" : ", ").append(op->name());
  }
  throw Error(StatusCode::invalid_argument,
              "unknown op '" + std::string(name) + "'; there is " + known);
}

const Implementation& library_row(const Op& op, const vendor::LibrarySpec& library) {
  std::string rows;
  for (const Implementation& row : op.implementations()) {
    if (row.provider != Provider::library) continue;
    if (row.library == library.name) return row;
    rows.append(rows.empty() ? "" : ", ").append(row.library);
  }
  for (const Implementation& row : op.implementations()) {
    if (row.provider != Provider::library) continue;
    const vendor::KnownLibrary* const theirs = known_library(row.library);
    if (theirs != nullptr && can_stand_in(library, *theirs)) return row;
  }
  invalid(std::string(op.name()) + " has no way to call the library '" + library.name +
          "'; " + (rows.empty() ? "it calls none" : "it calls " + rows));
}

Comparison describe(const Pair& pair, Scope scope, std::string id) {
  Comparison comparison;
  comparison.id = std::move(id);
  comparison.op = pair.request.op;
  comparison.shape = pair.request.shape;
  comparison.dtype = pair.request.dtype;
  comparison.device = pair.request.device;
  comparison.compute_units = pair.compute_units;
  comparison.device_cache_bytes = pair.device_cache_bytes;
  comparison.data = pair.request.data;
  comparison.seed = pair.request.seed;
  comparison.custom_scope = scope;
  comparison.library_scope = scope;
  comparison.simulated_transfers =
      pair.simulated_memory && (scope == Scope::with_transfer || scope == Scope::cold);
  if (pair.problem != nullptr) {
    comparison.flops = pair.problem->flops();
    comparison.compulsory_bytes = pair.problem->compulsory_bytes();
    comparison.multiplies = to_string(multiplied_type(*pair.problem));
  }
  comparison.custom = {pair.request.implementation, "custom", ""};
  if (pair.library != nullptr) {
    comparison.library = {pair.library->name, "library", ""};
  }
  comparison.audit = pair.account->audit;
  comparison.failure = pair.account->failure;
  return comparison;
}

PairEnd run_process(const Pair& pair, std::uint64_t process,
                    const LaunchOptions& options, std::span<Comparison* const> into,
                    Build* build) {
  WorkerRequest request = pair.request;
  request.process = process;
  LaunchOptions with_expected = options;
  with_expected.shared_fd = pair.expected_fd;
  const ChildReply child = launch_worker(
      request, pair.library == nullptr ? no_library() : *pair.library, with_expected);
  if (child.end == ChildReply::End::cancelled) return PairEnd::cancelled;
  if (!child.ok()) {
    for (Comparison* comparison : into) comparison->failure = child.description();
    return PairEnd::failed;
  }
  WorkerReply reply = reply_of(child, options);
  if (build != nullptr) {
    build->version = reply.build_version;
    build->commit = reply.build_commit;
  }
  for (Comparison& measured : reply.comparisons) {
    for (Comparison* comparison : into) {
      if (comparison->custom_scope == measured.custom_scope) {
        append(pair, options, std::move(measured), *comparison);
        break;
      }
    }
  }
  return PairEnd::measured;
}

}  // namespace assay::measure
