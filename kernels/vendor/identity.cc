// SPDX-License-Identifier: MIT
#include "kernels/vendor/identity.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernels/common/isa.h"
#include "kernels/vendor/core_isa.h"
#include "kernels/vendor/onednn.h"

namespace assay::vendor {
namespace {

// Null when the library, and what it was linked with, lacks the symbol.
template <typename Function>
Function find(void* handle, const char* symbol) {
  return reinterpret_cast<Function>(dlsym(handle, symbol));
}

std::string text(const char* from_library) {
  return from_library == nullptr ? std::string() : std::string(from_library);
}

std::string word(std::string_view line, std::size_t index) {
  for (;; --index) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const std::size_t end = std::min(line.find(' '), line.size());
    if (index == 0) return std::string(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::string openblas_threading(int parallel) {
  switch (parallel) {
    case 0:
      return "serial";
    case 1:
      return "pthread";
    case 2:
      return "openmp";
    default:
      return "unknown";
  }
}

std::optional<Probe> probe_openblas(void* handle) {
  const auto config = find<const char* (*)()>(handle, "openblas_get_config");
  if (config == nullptr) return std::nullopt;

  Probe result;
  result.identity.flavour = "OpenBLAS";
  // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Cooperlake MAX_THREADS=64"
  result.identity.config = text(config());
  result.identity.version = word(result.identity.config, 1);
  result.wide_integers =
      result.identity.config.find("USE64BITINT") != std::string::npos;
  if (const auto core = find<const char* (*)()>(handle, "openblas_get_corename")) {
    result.identity.core_name = text(core());
  }
  const auto parallel = find<int (*)()>(handle, "openblas_get_parallel");
  result.identity.threading = openblas_threading(parallel == nullptr ? -1 : parallel());

  if (const auto get = find<int (*)()>(handle, "openblas_get_num_threads")) {
    result.threads.get = get;
  }
  if (const auto set = find<void (*)(int)>(handle, "openblas_set_num_threads")) {
    result.threads.set = set;
  }
  return result;
}

// BLIS counts in gint_t and dim_t, 64-bit on every 64-bit build.
std::string blis_threading(void* handle) {
  const auto enabled = [handle](const char* symbol) {
    const auto query = find<std::int64_t (*)()>(handle, symbol);
    return query != nullptr && query() != 0;
  };
  if (enabled("bli_info_get_enable_openmp")) return "openmp";
  if (enabled("bli_info_get_enable_pthreads")) return "pthread";
  return find<void*>(handle, "bli_info_get_enable_pthreads") == nullptr ? "unknown"
                                                                        : "serial";
}

std::optional<Probe> probe_blis(void* handle) {
  const auto version = find<const char* (*)()>(handle, "bli_info_get_version_str");
  if (version == nullptr) return std::nullopt;

  // Asked before it is initialized, BLIS 0.9 aborts the process when BLIS_ARCH_TYPE is
  // set: the table of kernels it checks the variable against is still empty.
  if (const auto initialize = find<void (*)()>(handle, "bli_init")) initialize();

  Probe result;
  result.identity.flavour = "BLIS";
  result.identity.version = text(version());
  result.identity.config = "BLIS " + result.identity.version;
  result.identity.threading = blis_threading(handle);
  const auto query = find<int (*)()>(handle, "bli_arch_query_id");
  const auto name = find<const char* (*)(int)>(handle, "bli_arch_string");
  if (query != nullptr && name != nullptr) {
    result.identity.core_name = text(name(query()));
  }
  if (const auto bits =
          find<std::int64_t (*)()>(handle, "bli_info_get_blas_int_type_size")) {
    result.wide_integers = bits() == 64;
  }

  if (const auto get = find<std::int64_t (*)()>(handle, "bli_thread_get_num_threads")) {
    // -1 until somebody sets it, which means one thread.
    result.threads.get = [get] {
      return static_cast<int>(std::max<std::int64_t>(get(), 1));
    };
  }
  if (const auto set =
          find<void (*)(std::int64_t)>(handle, "bli_thread_set_num_threads")) {
    result.threads.set = [set](int count) { set(count); };
  }
  return result;
}

Probe unknown_library() {
  Probe result;
  result.identity.flavour = "unknown";
  result.identity.threading = "unknown";
  return result;
}

}  // namespace

Probe probe(void* handle) {
  std::optional<Probe> found = probe_openblas(handle);
  if (!found) found = probe_blis(handle);
  if (!found) found = probe_onednn(handle);
  if (!found) found = unknown_library();

  if (const auto isa = isa_of_core(found->identity.core_name)) {
    found->identity.isa = to_string(*isa);
  }
  if (found->threads.get) found->identity.threads = found->threads.get();
  return *std::move(found);
}

}  // namespace assay::vendor
