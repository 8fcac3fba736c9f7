// SPDX-License-Identifier: MIT
// Are the committed baselines what this program would have written, and of the gates it
// has?
#ifndef ASSAY_REGRESSION_BASELINES_VERIFY_H_
#define ASSAY_REGRESSION_BASELINES_VERIFY_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace assay::baselines {

// The gates of each suite, by the suite's name.
using Registry = std::map<std::string, std::vector<std::string>>;

struct Verified {
  std::size_t files = 0;
  std::vector<std::string> problems;  // one line each, the path first
};

// Every .json below `root`: loads strictly, is byte for byte what would be written,
// lies in the folder of its host class under the name of its suite, and has an entry
// for each gate of the registry (or leaves it out) and for no other. An id that the
// registry has twice is a problem too. Never throws for a bad file: all of them are
// told.
Verified verify(const std::string& root, const Registry& registry);

}  // namespace assay::baselines

#endif  // ASSAY_REGRESSION_BASELINES_VERIFY_H_
