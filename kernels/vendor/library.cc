// SPDX-License-Identifier: MIT
#include "kernels/vendor/library.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "backends/interface/status.h"
#include "kernels/vendor/float_mode.h"
#include "kernels/vendor/onednn.h"

namespace assay::vendor {
namespace {

[[noreturn]] void refuse(StatusCode code, const std::string& path,
                         const std::string& reason) {
  throw Error(code, "library '" + path + "' " + reason);
}

// Checked before dlopen, which says "cannot open shared object file" alike for a
// missing file and for a missing dependency, and which blocks for good on a named pipe.
void require_file(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    refuse(StatusCode::unavailable, path, "does not exist");
  }
  if (error) {
    refuse(StatusCode::invalid_argument, path, "cannot be read: " + error.message());
  }
  if (!std::filesystem::is_regular_file(status)) {
    refuse(StatusCode::invalid_argument, path, "is not a file");
  }
}

// dlerror's line, without the path it starts with.
std::string load_error(const std::string& path) {
  const char* const message = dlerror();
  std::string reason = message == nullptr ? "unknown reason" : message;
  if (reason.starts_with(path + ": ")) reason.erase(0, path.size() + 2);
  return reason;
}

// The file that holds `function`. It need not be the one that was asked for: a library
// may only pass on what it was linked with.
std::string file_of(void* function, const std::string& fallback) {
  Dl_info info{};
  if (dladdr(function, &info) == 0 || info.dli_fname == nullptr) return fallback;
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(info.dli_fname, error);
  return error ? std::string(info.dli_fname) : real.string();
}

// Closes when destroyed.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const noexcept { return descriptor_; }
  int release() noexcept { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

// A descriptor of a file in memory with the contents of `path`.
int copy_to_memory(const std::string& path) {
  const Descriptor source(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  Descriptor copy(memfd_create("assay-library", MFD_CLOEXEC));
  struct stat info {};
  bool copied = source.get() >= 0 && copy.get() >= 0 && fstat(source.get(), &info) == 0;
  for (off_t left = info.st_size; copied && left > 0;) {
    const ssize_t sent =
        sendfile(copy.get(), source.get(), nullptr, static_cast<std::size_t>(left));
    copied = sent > 0;
    left -= sent;
  }
  if (!copied) {
    refuse(StatusCode::unavailable, path,
           std::string("cannot be copied: ") + std::strerror(errno));
  }
  return copy.release();
}

}  // namespace

std::unique_ptr<Library> Library::load(const std::string& path,
                                       std::string_view requested_as) {
  require_file(path);
  // With a '/' dlopen takes the file at that place and does not search for its name.
  const std::string file = std::filesystem::absolute(path).string();
  std::unique_ptr<Library> library(new Library);
  library->map(file, path);
  library->identity_.requested = requested_as;
  // Where the library does the work, and not where a function of ours calls it from.
  void* const works = library->symbol("cblas_sgemm");
  library->identity_.resolved_path =
      file_of(works != nullptr ? works : library->symbol("dnnl_sgemm"), file);
  return library;
}

void Library::map(const std::string& file, const std::string& path) {
  const KeptFloatMode mode;
  // RTLD_LOCAL: two libraries that both define cblas_sgemm must not see each other.
  handle_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ == nullptr) {
    refuse(StatusCode::invalid_argument, path, "cannot be loaded: " + load_error(file));
  }
  void* const sgemm = dlsym(handle_, "cblas_sgemm");
  sgemm_ =
      sgemm != nullptr ? reinterpret_cast<SgemmFunction>(sgemm) : onednn_sgemm(handle_);
  if (sgemm_ == nullptr) {
    refuse(StatusCode::invalid_argument, path,
           "has no cblas_sgemm: it is not a CBLAS library");
  }
  Probe found = probe(handle_);
  if (found.wide_integers) {
    refuse(StatusCode::invalid_argument, path,
           "takes 64-bit integers (ILP64): use the build with 32-bit integers");
  }
  control_ = std::move(found.threads);
  identity_ = std::move(found.identity);
}

const Library& Library::instance(std::size_t index) const {
  if (index == 0) return *this;
  const std::lock_guard lock(instances_mutex_);
  while (instances_.size() < index) instances_.push_back(load_copy());
  return *instances_[index - 1];
}

std::unique_ptr<Library> Library::load_copy() const {
  const std::string& path = identity_.resolved_path;
  std::unique_ptr<Library> library(new Library);
  library->copy_ = copy_to_memory(path);
  library->map("/proc/self/fd/" + std::to_string(library->copy_), path);
  library->identity_.requested = identity_.requested;
  library->identity_.resolved_path = path;
  return library;
}

Library::~Library() {
  if (handle_ != nullptr) dlclose(handle_);
  if (copy_ >= 0) close(copy_);
}

void* Library::symbol(const char* name) const noexcept { return dlsym(handle_, name); }

int Library::threads() const { return control_.get ? control_.get() : 0; }

void Library::set_threads(int count) const {
  if (control_.set) control_.set(count);
}

}  // namespace assay::vendor
