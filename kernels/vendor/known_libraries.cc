// SPDX-License-Identifier: MIT
#include "kernels/vendor/known_libraries.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "backends/interface/status.h"
#include "kernels/common/isa.h"

namespace assay::vendor {
namespace {

// Debian's plain libopenblas.so.0 is a link that the administrator can turn to any
// flavour, so the folder of the flavour comes first. Fedora puts the flavour into the
// name (libopenblasp).
constexpr std::string_view kOpenBlasFiles[] = {"openblas-pthread/libopenblas.so.0",
                                               "openblas-openmp/libopenblas.so.0",
                                               "libopenblasp.so.0", "libopenblas.so.0"};
// No second choice: where the serial build is missing, any other file of this name may
// be a threaded one, and the partition of `openblas-serial` over it would
// oversubscribe.
constexpr std::string_view kOpenBlasSerialFiles[] = {
    "openblas-serial/libopenblas.so.0"};
constexpr std::string_view kBlisFiles[] = {"blis-pthread/libblis.so.4",
                                           "blis-openmp/libblis.so.4", "libblis.so.4"};

constexpr std::string_view kOneDnnFiles[] = {"libdnnl.so.2"};

constexpr KnownLibrary kKnown[] = {
    {"openblas", Calling::whole, Interface::cblas, "OpenBLAS with its own threads",
     "libopenblas0-pthread", kOpenBlasFiles},
    {"openblas-serial", Calling::partitioned, Interface::cblas,
     "serial OpenBLAS, called for tiles of C by our compute units",
     "libopenblas0-serial", kOpenBlasSerialFiles},
    {"blis", Calling::whole, Interface::cblas, "BLIS with its own threads",
     "libblis4-pthread", kBlisFiles},
    {"onednn", Calling::whole, Interface::onednn, "oneDNN with its own threads",
     "libdnnl-dev", kOneDnnFiles},
};

// The newest first. CUDA lies in a folder of its own, beside where what was installed
// by hand does.
constexpr std::string_view kCublasFiles[] = {"../cuda/lib64/libcublas.so.13",
                                             "../cuda/lib64/libcublas.so.12",
                                             "../cuda/lib64/libcublas.so.11",
                                             "libcublas.so.13",
                                             "libcublas.so.12",
                                             "libcublas.so.11"};

constexpr KnownLibrary kPeers[] = {
    {"cublas", Calling::beside, Interface::cublas,
     "cuBLAS on the GPU of a device, TF32 off", "libcublas of NVIDIA's CUDA",
     kCublasFiles},
};

// Prefixes: a maker's variables are many and their number grows.
constexpr std::string_view kLibraryPrefixes[] = {
    "OPENBLAS_", "GOTO_",      "BLIS_",        "AOCL_", "MKL_", "DNNL_",
    "ONEDNN_",   "CUBLAS_",    "NVIDIA_TF32_", "NVPL_", "OMP_", "GOMP_",
    "KMP_",      "FLEXIBLAS_", "ARMPL_",       "ATLAS_"};

// The multiarch folder of Debian is the compiler's to name; the others are where
// systems without multiarch keep libraries, and what was installed by hand.
std::vector<std::string> system_folders() {
  std::vector<std::string> folders;
  const std::string multiarch = ASSAY_LIBRARY_ARCHITECTURE;
  if (!multiarch.empty()) folders.push_back("/usr/lib/" + multiarch);
  folders.insert(folders.end(), {"/usr/lib64", "/usr/lib", "/usr/local/lib"});
  return folders;
}

LibrarySpec resolve_path(std::string_view path) {
  LibrarySpec spec;
  spec.name = path;
  // Absolute: a worker process need not run in this folder.
  const std::string absolute = std::filesystem::absolute(path).string();
  std::error_code error;
  if (std::filesystem::exists(absolute, error)) {
    spec.path = absolute;
    if (std::filesystem::path(absolute).filename().string().starts_with(
            "libcublas.so")) {
      spec.name = kPeers[0].name;
      spec.calling = Calling::beside;
    }
  } else {
    spec.absent_because = "library '" + spec.name + "' does not exist";
  }
  return spec;
}

LibrarySpec resolve_known(const KnownLibrary& library,
                          std::span<const std::string> folders) {
  LibrarySpec spec;
  spec.name = library.name;
  spec.calling = library.calling;
  // File by file and not folder by folder: a better flavour wins wherever it is.
  for (const std::string_view file : library.files) {
    for (const std::string& folder : folders) {
      const std::filesystem::path candidate =
          (std::filesystem::path(folder) / file).lexically_normal();
      std::error_code error;
      if (!std::filesystem::exists(candidate, error)) continue;
      spec.path = candidate.string();
      return spec;
    }
  }
  spec.absent_because = "not found: install the package " +
                        std::string(library.package) + " (looked for " +
                        std::string(library.files.front()) + " in";
  for (const std::string& folder : folders) spec.absent_because += " " + folder;
  spec.absent_because += ")";
  return spec;
}

}  // namespace

std::span<const KnownLibrary> known_libraries() noexcept { return kKnown; }
std::span<const KnownLibrary> known_peers() noexcept { return kPeers; }
bool is_peer(std::string_view name) noexcept {
  return std::ranges::find(kPeers, name, &KnownLibrary::name) !=
         std::ranges::end(kPeers);
}

LibrarySpec resolve_library_in(std::string_view name_or_path,
                               std::span<const std::string> folders) {
  if (name_or_path.find('/') != std::string_view::npos)
    return resolve_path(name_or_path);

  const auto* known = std::ranges::find(kKnown, name_or_path, &KnownLibrary::name);
  if (known != std::ranges::end(kKnown)) return resolve_known(*known, folders);

  const auto* peer = std::ranges::find(kPeers, name_or_path, &KnownLibrary::name);
  if (peer != std::ranges::end(kPeers)) return resolve_known(*peer, folders);

  std::string message =
      "unknown library '" + std::string(name_or_path) + "': known are";
  for (const KnownLibrary& library : kKnown) message += " " + std::string(library.name);
  for (const KnownLibrary& library : kPeers) message += " " + std::string(library.name);
  throw Error(StatusCode::invalid_argument,
              message + ", or a path with a '/' to a CBLAS shared library");
}

LibrarySpec resolve_library(std::string_view name_or_path) {
  return resolve_library_in(name_or_path, system_folders());
}

std::vector<std::pair<std::string, std::string>> LibrarySpec::environment(
    int threads) const {
  // A library on a GPU has no threads. Whatever it is told later, products of f32 are
  // to be products of f32.
  if (calling == Calling::beside) return {{"NVIDIA_TF32_OVERRIDE", "0"}};
  const std::string count =
      std::to_string(calling == Calling::partitioned ? 1 : std::max(threads, 1));
  std::vector<std::pair<std::string, std::string>> variables = {
      // By default a library takes every processor it sees, whatever the device lends
      // it.
      // All of these also for a path: nobody knows yet what the file turns out to be.
      {"OPENBLAS_NUM_THREADS", count},
      {"OMP_NUM_THREADS", count},
      {"BLIS_NUM_THREADS", count},
      // OpenBLAS's idle workers spin for 2^28 clock ticks, 0.1 s, after each call and
      // take a processor from whatever is timed next. 2^4 is the least it accepts.
      {"OPENBLAS_THREAD_TIMEOUT", "4"},
  };
  // GNU's OpenMP lets idle workers spin for milliseconds after each call, into the time
  // of the other arm. This many rounds outlast the gap between two calls of an epoch.
  if (name == "onednn") variables.emplace_back("GOMP_SPINCOUNT", "20000");
  // BLIS 0.9 knows AMD processors by family and stops at Zen 3: on a Zen 5 it picks its
  // kernels without SIMD and reaches 40 GFLOP/s where 220 to 237 are there. 0 is "skx".
  // Not for a path: the numbers mean something else in other builds (AMD's own, say).
  if (name == "blis" && host_isa() == Isa::avx512) {
    variables.emplace_back("BLIS_ARCH_TYPE", "0");
  }
  return variables;
}

bool is_library_variable(std::string_view name) noexcept {
  return std::ranges::any_of(kLibraryPrefixes, [name](std::string_view prefix) {
    return name.starts_with(prefix);
  });
}

}  // namespace assay::vendor
