// SPDX-License-Identifier: MIT
// The layer rules of the tree as data, and the pure function that applies them. Nothing
// here reads a file: source_tree.h does, and the tests of this table make up their own.
#ifndef ASSAY_TESTS_ARCHITECTURE_INCLUDE_RULES_H_
#define ASSAY_TESTS_ARCHITECTURE_INCLUDE_RULES_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay::architecture {

struct Include {
  std::string path;     // as written between the quotes or angle brackets
  bool quoted = false;  // "path", not <path>
};

// Exempts from a rule the files that match `file` when they include what matches
// `include`. A `{}` in `file` stands for one path component; the `{}` in `include` are
// replaced by what it matched, so {"kernels/{}/**", "kernels/{}/**"} is "its own
// folder".
struct Allowance {
  std::string_view file;
  std::string_view include;
};

// A file that matches `file` must not include what matches `include`, but for the
// allowances. In a pattern `*` is any text within a path component, `**` any text.
struct Rule {
  std::string_view name;
  std::string_view file;
  std::string_view include;
  std::span<const Allowance> allowed;
  std::string_view reason;
  bool quoted_only = false;
};

std::span<const Rule> include_rules();

// True if `path` matches `pattern`; `capture`, if not null, gets what `{}` matched.
bool matches(std::string_view pattern, std::string_view path, std::string* capture);

// The rule that forbids `file` to include `include`, or null.
const Rule* broken_rule(std::string_view file, const Include& include);

}  // namespace assay::architecture

#endif  // ASSAY_TESTS_ARCHITECTURE_INCLUDE_RULES_H_
