// SPDX-License-Identifier: MIT
#include "regression/measure/machine.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string_view>

#include "backends/runtime/usable_cpus.h"
#include "kernels/common/cache_info.h"
#include "kernels/common/isa.h"
#include "regression/measure/build_info.h"

namespace assay::measure {
namespace {

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\n") - first + 1));
}

int to_int(const std::string& text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The flags that decide which kernels can run: kept short on purpose.
constexpr std::array<std::string_view, 10> kFlags = {
    "sse4_2",  "avx",      "f16c",        "fma",         "avx2",
    "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "avx512_fp16"};

// The hypervisor's signature, a stable fact; "unknown" where it gives none.
std::string hypervisor_name() {
#if defined(__x86_64__) || defined(__i386__)
  constexpr unsigned kHypervisorLeaf = 0x40000000;
  std::array<unsigned, 4> registers{};
  __cpuid(kHypervisorLeaf, registers[0], registers[1], registers[2], registers[3]);
  std::string signature(reinterpret_cast<const char*>(&registers[1]),
                        3 * sizeof(unsigned));
  if (signature.starts_with("KVMKVMKVM")) return "kvm";
  if (signature.starts_with("Microsoft Hv")) return "hyperv";
  if (signature.starts_with("VMwareVMware")) return "vmware";
  if (signature.starts_with("XenVMMXenVMM")) return "xen";
#endif
  return "unknown";
}

void read_cpuinfo(Machine& machine) {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line) && !line.empty()) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string key = trimmed(std::string_view(line).substr(0, colon));
    const std::string value = trimmed(std::string_view(line).substr(colon + 1));
    if (key == "model name") machine.cpu_model = value;
    if (key == "vendor_id") machine.vendor = value;
    if (key == "cpu family") machine.family = to_int(value);
    if (key == "model") machine.model = to_int(value);
    if (key != "flags") continue;
    std::istringstream flags(value);
    for (std::string flag; flags >> flag;) {
      if (std::find(kFlags.begin(), kFlags.end(), flag) != kFlags.end()) {
        machine.isa_flags.push_back(flag);
      }
      if (flag == "hypervisor") machine.hypervisor = hypervisor_name();
    }
  }
  std::sort(machine.isa_flags.begin(), machine.isa_flags.end());
}

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return trimmed(line);
}

}  // namespace

Machine this_machine() {
  Machine machine;
  read_cpuinfo(machine);
  machine.cpus = static_cast<int>(runtime::usable_cpus());
  machine.isa = to_string(host_isa());
  const CacheInfo& caches = cache_info();
  machine.l1d_bytes = caches.l1d_bytes;
  machine.l2_bytes = caches.l2_bytes;
  machine.l3_bytes = caches.l3_bytes;
  utsname name{};
  if (uname(&name) == 0) {
    machine.kernel = std::string(name.sysname) + " " + name.release;
  }
  // "always [madvise] never": the bracketed one is in force.
  const std::string pages = first_line("/sys/kernel/mm/transparent_hugepage/enabled");
  const std::size_t open = pages.find('[');
  const std::size_t close = pages.find(']');
  if (open != std::string::npos && close != std::string::npos && open < close) {
    machine.huge_pages = pages.substr(open + 1, close - open - 1);
  }
  return machine;
}

Build this_build() {
  Build build;
  build.version = kBuildVersion;
  build.commit = sources().commit;
  build.build_type = sources().build_type;
#if defined(__clang__)
  build.compiler = "clang " __clang_version__;
#elif defined(__GNUC__)
  build.compiler = "gcc " __VERSION__;
#endif
  return build;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

}  // namespace assay::measure
