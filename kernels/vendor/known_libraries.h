// SPDX-License-Identifier: MIT
// The libraries Assay knows by name: where they are, how they are called, and what
// environment makes them honest on this machine.
#ifndef ASSAY_KERNELS_VENDOR_KNOWN_LIBRARIES_H_
#define ASSAY_KERNELS_VENDOR_KNOWN_LIBRARIES_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay::vendor {

// How a library is put to work on a device with several compute units.
enum class Calling : std::uint8_t {
  whole,        // one call; the library brings its own threads
  partitioned,  // a serial library, called for tiles of the output by our compute units
  beside,       // on a GPU, in memory of its own: Implementation::prepare_peer
};

// What a call of a library looks like. oneDNN has the sgemm of the others as well, and
// they nothing of its own.
enum class Interface : std::uint8_t { cblas, onednn, cublas };

struct KnownLibrary {
  std::string_view name;  // "openblas", "openblas-serial", "blis"
  Calling calling;
  Interface interface;
  std::string_view summary;
  std::string_view package;  // Debian package that brings it
  // Files below a library folder, the preferred one first.
  std::span<const std::string_view> files;
};

// Those that are called from the host, whole or partitioned.
std::span<const KnownLibrary> known_libraries() noexcept;
// Those that run beside a GPU.
std::span<const KnownLibrary> known_peers() noexcept;
bool is_peer(std::string_view name) noexcept;

// A library to measure, resolved on this machine.
struct LibrarySpec {
  std::string name;  // known name, or the path as given
  std::string path;  // absolute path of the file to load; empty when absent
  Calling calling = Calling::whole;
  std::string
      absent_because;  // empty when present; else reason and the package to install
  // Variables the worker must have before the library is loaded, for `threads` threads.
  std::vector<std::pair<std::string, std::string>> environment(int threads) const;
};

// A known name, or a path to any CBLAS .so (anything with a '/'; called whole; to
// libcublas.so: as cublas).
// Throws Error(invalid_argument) for an unknown name, listing the known ones.
LibrarySpec resolve_library(std::string_view name_or_path);
// The same, looking for known names in these folders and not in the system's.
LibrarySpec resolve_library_in(std::string_view name_or_path,
                               std::span<const std::string> folders);

// True for variables that steer a vendor library or its threads (OPENBLAS_*, BLIS_*,
// OMP_*, GOTO_*, MKL_*, DNNL_*, ...): a worker's environment is built without them.
bool is_library_variable(std::string_view name) noexcept;

}  // namespace assay::vendor

#endif  // ASSAY_KERNELS_VENDOR_KNOWN_LIBRARIES_H_
