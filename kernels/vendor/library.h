// SPDX-License-Identifier: MIT
// A CBLAS-compatible library, loaded at run time from a path.
//
// Never linked: which library, which flavour and which kernels it picks are inputs of a
// measurement. OpenBLAS reads its environment while it is loaded, so load it in a
// process whose environment was set before main (regression/measure's worker).
#ifndef ASSAY_KERNELS_VENDOR_LIBRARY_H_
#define ASSAY_KERNELS_VENDOR_LIBRARY_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/vendor/identity.h"

namespace assay::vendor {

// cblas_sgemm of the CBLAS standard (32-bit ints), row-major order 101, transposes 111
// (none) and 112.
using SgemmFunction = void (*)(int order, int trans_a, int trans_b, int m, int n, int k,
                               float alpha, const float* a, int lda, const float* b,
                               int ldb, float beta, float* c, int ldc);
inline constexpr int kRowMajor = 101;
inline constexpr int kNoTranspose = 111;
inline constexpr int kTranspose = 112;

// Thread-safe after loading, but for concurrent calls of sgemm: those are the library's
// matter, and even a serial build may not stand them (see instance()). Closed when
// destroyed.
//
// OpenBLAS's threaded and serial flavours have one SONAME. Loaded by path they are two
// libraries all the same, each with its own state, and both can be open at once.
class Library {
 public:
  // Throws Error: unavailable when the file is missing; invalid_argument when it is not
  // a shared library that can be mapped, lacks cblas_sgemm, or takes 64-bit integers.
  // One line with the path and the reason.
  static std::unique_ptr<Library> load(const std::string& path,
                                       std::string_view requested_as);
  // Instance `index` of the same file, each with state of its own; 0 is this one. A
  // library that is not safe to call from several threads is safe when each thread has
  // an instance. Made on first use, from a copy of the file in memory (glibc maps a
  // file once a process, whatever it is called; Debian's OpenBLAS is 35 MB), and owned
  // by this object. Throws Error.
  const Library& instance(std::size_t index) const;
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  const Identity& identity() const noexcept { return identity_; }
  SgemmFunction sgemm() const noexcept { return sgemm_; }
  // Another function of the library, or of what it was linked with; null when it has
  // none of that name. The caller knows its type.
  template <typename Function>
  Function function(const char* name) const noexcept {
    return reinterpret_cast<Function>(symbol(name));
  }

  // Threads the library uses for one call, asked of it now; 0 where it has no such
  // call.
  int threads() const;
  // Asks the library to use `count` threads from now on, where it has a call for that.
  // It may take fewer: see threads(). Const: the count is state of the library, shared
  // by everybody in the process who loaded it, and not of this object.
  void set_threads(int count) const;

 private:
  Library() = default;
  void* symbol(const char* name) const noexcept;
  // Maps `file` into this object; messages speak of `path`.
  void map(const std::string& file, const std::string& path);
  std::unique_ptr<Library> load_copy() const;
  void* handle_ = nullptr;
  SgemmFunction sgemm_ = nullptr;
  ThreadControl control_;
  Identity identity_;
  // Descriptor of the memory that a further instance was mapped from, else -1. Open
  // while that instance is: glibc knows a library by its file name, here the number,
  // and gave the third instance the mapping of the second when the number was reused.
  int copy_ = -1;
  mutable std::mutex instances_mutex_;
  mutable std::vector<std::unique_ptr<Library>> instances_;  // 1, 2, ...
};

}  // namespace assay::vendor

#endif  // ASSAY_KERNELS_VENDOR_LIBRARY_H_
