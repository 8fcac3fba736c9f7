// SPDX-License-Identifier: MIT
// The vendor libraries of this machine, for tests that need a real one.
#ifndef TESTS_KERNELS_VENDOR_INSTALLED_H_
#define TESTS_KERNELS_VENDOR_INSTALLED_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kernels/vendor/known_libraries.h"
#include "kernels/vendor/library.h"

namespace assay::vendor {

// Sets or unsets a variable of this process until destroyed. Works for OpenBLAS because
// these libraries are loaded, and read it, while it lives.
class ScopedVariable {
 public:
  ScopedVariable(std::string name, const char* value) : name_(std::move(name)) {
    if (const char* const old = std::getenv(name_.c_str())) old_ = old;
    assign(value);
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;
  ~ScopedVariable() { assign(old_ ? old_->c_str() : nullptr); }

 private:
  void assign(const char* value) {
    if (value == nullptr) {
      unsetenv(name_.c_str());
    } else {
      setenv(name_.c_str(), value, 1);
    }
  }
  std::string name_;
  std::optional<std::string> old_;
};

// Null when it is not installed: the caller skips with skip_reason().
inline std::unique_ptr<Library> load_known(std::string_view name) {
  const LibrarySpec spec = resolve_library(name);
  return spec.path.empty() ? nullptr : Library::load(spec.path, name);
}
inline std::string skip_reason(std::string_view name) {
  return std::string(name) + " " + resolve_library(name).absent_because;
}

}  // namespace assay::vendor

#endif  // TESTS_KERNELS_VENDOR_INSTALLED_H_
