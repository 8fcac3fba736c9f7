// SPDX-License-Identifier: MIT
// Baselines on disk: <root>/<host class>/<suite>.json.
#ifndef ASSAY_REGRESSION_BASELINES_STORE_H_
#define ASSAY_REGRESSION_BASELINES_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "regression/baselines/baseline.h"

namespace assay::baselines {

// What was found for a suite on this machine.
struct Lookup {
  std::optional<Baseline> baseline;
  std::string path;                    // where it is, or would be
  std::string because;                 // why there is none; one line
  std::vector<std::string> differing;  // hard facts of the nearest class there is
  std::vector<std::string> warnings;   // soft facts that differ
};

// Looks for the class's own file; without one, tells what the nearest class differs in.
// A file that is there and bad throws Error(bad_file): never "no baseline".
Lookup find_baseline(const std::string& root, const std::string& suite,
                     const HostClass& here);

std::string baseline_path(const std::string& root, const std::string& suite,
                          const HostClass& host);

// Readers see the old file or the new one, whole, whatever happens in between; writers
// take turns (an advisory lock on the file's folder, which leaves nothing behind; the
// folder is made when it is missing). `expected_sha256`: of the file it replaces, empty
// when there was none; another content there means that somebody else wrote:
// Error(failed_precondition), nothing written. The other errors are those of
// json::write_file_atomically().
void save_baseline(const std::string& path, const Baseline& baseline,
                   const std::string& expected_sha256);

// SHA-256 of a file's bytes in hex; empty when the file does not exist.
std::string file_sha256(const std::string& path);

}  // namespace assay::baselines

#endif  // ASSAY_REGRESSION_BASELINES_STORE_H_
