// SPDX-License-Identifier: MIT
// A private folder of small files, each replaced whole or not at all, that does not
// grow without bound: the least recently used go.
#ifndef ASSAY_BACKENDS_RUNTIME_CACHE_FOLDER_H_
#define ASSAY_BACKENDS_RUNTIME_CACHE_FOLDER_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay::runtime {

// Thread-safe, and safe beside other processes on the same folder.
class CacheFolder {
 public:
  // See KernelCacheDesc. Removes what writers that were killed over an hour ago left
  // behind.
  CacheFolder(const std::string& path, std::uint64_t most_bytes);
  ~CacheFolder();
  CacheFolder(const CacheFolder&) = delete;
  CacheFolder& operator=(const CacheFolder&) = delete;

  // The contents; nothing when there is no such file, it is no regular file of ours
  // (links are not followed), is above 64 MiB, cannot be read, or the folder is not
  // private any more. A file that was read counts as used now.
  std::optional<std::string> read(const std::string& name) const;
  // Writes a file beside and renames it. False, and nothing changed, when that fails.
  bool publish(const std::string& name, std::string_view contents) const;
  // Removes the least recently used files (by their time of modification, which read()
  // sets) until the others have at most `most_bytes` together; never `keep`, nor what
  // is no regular file. Returns how many. A file goes whole: who has it open reads on,
  // who comes later does not find it, and two that remove at once do not mind.
  std::uint64_t remove_least_used(const std::string& keep) const;

 private:
  bool is_private() const noexcept;
  void remove_leftovers() const;

  int fd_;
  std::uint64_t most_bytes_;
  mutable std::atomic<std::uint64_t> written_ = 0;
};

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_CACHE_FOLDER_H_
