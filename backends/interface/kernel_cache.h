// SPDX-License-Identifier: MIT
// What is worth compiling once: for every caller in the process, and on disk for the
// next one. "Compiling" is whatever makes bytes of a key at some cost: a driver's
// pipeline, or the block sizes that suit a machine.
#ifndef ASSAY_BACKENDS_INTERFACE_KERNEL_CACHE_H_
#define ASSAY_BACKENDS_INTERFACE_KERNEL_CACHE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace assay {

// Everything that the compiled bytes depend on. Two keys are one only when all fields
// are the same; the fields are compared, not a digest of them.
struct KernelKey {
  std::string kernel;     // what is compiled: "matmul.packed.blocks"
  std::string source;     // its code, or a digest of it
  std::string options;    // of the compiler
  std::string constants;  // specialization
  std::string toolchain;  // who compiles: name and version
  std::string device;     // for whom: driver, ISA, cache sizes, limits
  std::uint32_t abi = 0;  // how the bytes are to be read
  friend bool operator==(const KernelKey&, const KernelKey&) = default;
};

using KernelBinary = std::shared_ptr<const std::string>;

struct KernelCacheStats {
  std::uint64_t hits = 0;       // in memory, or brought by another caller's compilation
  std::uint64_t disk_hits = 0;  // first use in this process, entry on disk
  std::uint64_t compiles = 0;   // tried, failed ones included
  std::uint64_t damaged = 0;    // entries on disk that were there and not usable
  std::uint64_t unwritten = 0;  // compiled, but the disk did not take the entry
  std::uint64_t evicted = 0;    // entries on disk that went to make room for new ones
};

// Thread-safe. Serves any number of devices: the key says which.
class KernelCache {
 public:
  KernelCache() = default;
  KernelCache(const KernelCache&) = delete;
  KernelCache& operator=(const KernelCache&) = delete;
  virtual ~KernelCache() = default;

  // The bytes of `key`: from memory, from disk, or from `compile`, which runs on the
  // calling thread, at most once a key at any time; others that ask meanwhile wait for
  // it. What it throws goes to the caller, as an Error to those that wait with it, and
  // is not kept: the next call compiles again. It may ask for other keys; for its own,
  // or one whose compilation waits for its own, this throws failed_precondition. A
  // damaged entry on disk is compiled anew and replaced; a disk that does not take an
  // entry costs the next process a compilation.
  virtual KernelBinary get_or_compile(const KernelKey& key,
                                      const std::function<std::string()>& compile) = 0;
  // From now on `binary` is the bytes of `key`, here and for the next process, whatever
  // was kept before: for choices that are measured and may be measured again. Published
  // as an entry that was compiled is, so that a reader sees the old bytes or the new
  // ones. Throws failed_precondition while the key is being compiled.
  virtual void replace(const KernelKey& key, std::string binary) = 0;
  virtual KernelCacheStats stats() const = 0;
};

}  // namespace assay

#endif  // ASSAY_BACKENDS_INTERFACE_KERNEL_CACHE_H_
