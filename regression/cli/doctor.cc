// SPDX-License-Identifier: MIT
// `assay doctor`: what this machine is, what each library picked, how noisy it is, what
// is missing and how to get it.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>

#include "backends/registry.h"
#include "kernels/common/isa.h"
#include "kernels/vendor/known_libraries.h"
#include "regression/cli/commands.h"
#include "regression/cli/console.h"
#include "regression/cli/options.h"
#include "regression/judge/verdict.h"
#include "regression/measure/launch.h"
#include "regression/measure/machine.h"
#include "regression/measure/noise.h"
#include "regression/measure/topology.h"

namespace assay::cli {
namespace {

struct DoctorOptions {
  std::string device = "vgpu://";
  std::string libraries;
  std::vector<std::string> library_env;
  bool check = false;
};

// What --check answers with. A device that is broken, and a question that makes no
// sense, are neither there nor absent.
enum : int { kVisible = 0, kNotVisible = 1, kUnknown = 2 };

int run_check(const DoctorOptions& options) {
  try {
    const std::shared_ptr<Device> device = open_device(options.device);
    print(fmt::format("visible: {}\n", device->caps().name));
    return kVisible;
  } catch (const Error& error) {
    const bool absent = error.code() == StatusCode::unavailable;
    print(fmt::format("{}: {}\n", absent ? "not visible" : "unknown", error.what()));
    return absent ? kNotVisible : kUnknown;
  }
}

std::string join(const std::vector<std::string>& words) {
  return words.empty() ? "none" : fmt::format("{}", fmt::join(words, " "));
}

// How the units of `device` meet the machine's cores.
std::string describe_topology(const Device& device) {
  const std::optional<measure::Topology> topology = measure::this_topology();
  if (!topology) return "";
  std::string text = "  topology     " + measure::describe(*topology) + "\n";
  if (!device.caps().host_kernels) return text;
  const std::string advice = measure::advice(*topology, device.caps().compute_units);
  if (!advice.empty()) text += "               " + advice + "\n";
  return text;
}

std::string describe_machine(const Device& device) {
  const measure::Machine machine = measure::this_machine();
  const measure::Build build = measure::this_build();
  return fmt::format(
      "machine\n"
      "  processor    {} ({} family {} model {}), {} usable\n"
      "  instructions {}: {}\n"
      "  caches       L1d {} KiB, L2 {} KiB, L3 {} KiB\n"
      "{}"
      "  system       {}, hypervisor {}, huge pages {}\n"
      "  build        assay {}, sources {} ({}, {})\n",
      machine.cpu_model, machine.vendor, machine.family, machine.model, machine.cpus,
      machine.isa, join(machine.isa_flags), machine.l1d_bytes / 1024,
      machine.l2_bytes / 1024, machine.l3_bytes / 1024, describe_topology(device),
      machine.kernel, machine.hypervisor.empty() ? "none" : machine.hypervisor,
      machine.huge_pages.empty() ? "unknown" : machine.huge_pages, build.version,
      build.commit, build.compiler, build.build_type);
}

std::string describe_devices() {
  std::string text = "devices\n";
  for (const DeviceEntry& entry : known_devices()) {
    text +=
        fmt::format("  {:<12} {}\n", entry.scheme,
                    entry.absent_because.empty() ? entry.summary
                                                 : "absent: " + entry.absent_because);
  }
  return text;
}

// What of the shell's environment would have steered a library.
std::string describe_environment() {
  std::string text;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string assignment(*entry);
    if (vendor::is_library_variable(assignment.substr(0, assignment.find('=')))) {
      text +=
          fmt::format("  {:<12} exported here; workers do not get it\n", assignment);
    }
  }
  return text.empty() ? "" : "environment\n" + text;
}

std::string describe_noise(std::chrono::milliseconds window) {
  using Clock = std::chrono::steady_clock;
  const measure::NoiseCounters before = measure::read_noise();
  const Clock::time_point end = Clock::now() + window;
  // One thread that never sleeps sees every interruption as a gap in its clock.
  Clock::duration longest{};
  Clock::duration lost{};
  for (Clock::time_point last = Clock::now(); last < end;) {
    const Clock::time_point now = Clock::now();
    const Clock::duration gap = now - last;
    if (gap > std::chrono::microseconds(5)) lost += gap;
    longest = std::max(longest, gap);
    last = now;
  }
  const measure::NoiseCounters after = measure::read_noise();
  const double window_ms = static_cast<double>(window.count());
  const auto ms = [](Clock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
  };
  return fmt::format(
      "noise over {} ms of one busy thread\n"
      "  interruptions {:.2f} % of the time, longest {:.2f} ms; involuntary switches "
      "{}; "
      "steal {} ms; cpu pressure {:.1f} ms\n",
      window.count(), 100 * ms(lost) / window_ms, ms(longest),
      after.involuntary_switches - before.involuntary_switches,
      after.steal_ms - before.steal_ms,
      static_cast<double>(after.pressure_us - before.pressure_us) / 1e3);
}

std::string describe_library(const measure::LibraryAudit& audit) {
  const std::string core =
      audit.core_name.empty() ? "core unknown" : "core " + audit.core_name;
  return fmt::format(
      "  {:<16} {} {} {}, {}, {} ({}), {} thread{}\n"
      "  {:<16} {:.0f} GFLOP/s on one thread, {:.0f} % of the peak: {}\n",
      audit.name, audit.flavour, audit.version, audit.resolved_path, core,
      audit.isa.empty() ? "isa unknown" : audit.isa, audit.threading, audit.threads,
      audit.threads == 1 ? "" : "s", "", audit.gflops_one_thread,
      100 * audit.share_of_peak, audit.impaired ? "IMPAIRED: " + audit.reason : "ok");
}

// Those that are asked for; all that are known where none is.
std::vector<vendor::LibrarySpec> libraries_to_audit(const DoctorOptions& options) {
  std::vector<std::string> names;
  if (options.libraries.empty()) {
    for (const vendor::KnownLibrary& known : vendor::known_libraries()) {
      names.emplace_back(known.name);
    }
  } else {
    names = split_list(options.libraries, "--library");
  }
  std::vector<vendor::LibrarySpec> specs;
  for (const std::string& name : names) {
    specs.push_back(vendor::resolve_library(name));
  }
  return specs;
}

int run_doctor(const DoctorOptions& options) {
  // Names that are none are refused before a page is begun.
  const std::vector<vendor::LibrarySpec> specs = libraries_to_audit(options);
  const std::shared_ptr<Device> device = open_device(options.device);
  measure::LaunchOptions launch;
  launch.compute_units = device->caps().compute_units;
  launch.cancel = &interrupted();
  for (const std::string& assignment : options.library_env) {
    launch.additions.push_back(parse_assignment(assignment, "--library-env"));
  }
  watch_signals();
  print(describe_machine(*device) + describe_devices() + describe_environment() +
        describe_noise(std::chrono::milliseconds(300)));

  ProgressLine progress;
  std::string peaks;
  std::string libraries = "libraries\n";
  int code = judge::exit_code::kPass;
  for (const vendor::LibrarySpec& spec : specs) {
    const std::string& name = spec.name;
    if (!spec.absent_because.empty()) {
      libraries += fmt::format("  {:<16} absent: {}\n", name, spec.absent_because);
      continue;
    }
    progress.show("audit of " + name);
    const measure::LibraryAccount account =
        measure::audit_library(spec, device->caps().uri, launch);
    stop_if_interrupted();
    if (!account.failure.empty()) {
      libraries += fmt::format("  {:<16} {}\n", name, account.failure);
      code = judge::worse(code, judge::exit_code::kEnvironment);
      continue;
    }
    if (account.audit.impaired) {
      code = judge::worse(code, judge::exit_code::kEnvironment);
    }
    libraries += describe_library(account.audit);
    if (peaks.empty()) {
      peaks = fmt::format(
          "peaks on {} (measured)\n"
          "  FMA f32 {:.0f} GFLOP/s on one compute unit, {:.0f} on all {}; triad "
          "{:.1f} "
          "GB/s\n",
          device->caps().uri, account.peak_gflops_one, account.peak_gflops,
          device->caps().compute_units, account.peak_gbs);
    }
  }
  progress.clear();
  print(peaks + libraries);
  return code;
}

}  // namespace

void add_doctor(Command& app, Context& context) {
  Command command = app.add_command(
      "doctor", "what this machine is, what each library picked, what is missing");
  const auto o = std::make_shared<DoctorOptions>();
  command.add_option("--device", o->device, "device whose peaks are measured")
      .show_default();
  command.add_option("--library", o->libraries,
                     "libraries to audit, comma separated [all that are known]");
  command.add_option("--library-env", o->library_env,
                     "NAME=VALUE for the library's process (repeatable)");
  command.add_flag("--check", o->check,
                   "only whether --device is there: exit 0 visible, 1 not visible, 2 "
                   "unknown");
  command.on_parsed([&context, o] {
    context.selected = [o] { return o->check ? run_check(*o) : run_doctor(*o); };
  });
}

}  // namespace assay::cli
