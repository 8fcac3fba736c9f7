// SPDX-License-Identifier: MIT
#ifndef ASSAY_TESTS_REGRESSION_BASELINES_REFUSAL_H_
#define ASSAY_TESTS_REGRESSION_BASELINES_REFUSAL_H_

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "backends/interface/status.h"
#include "regression/baselines/baseline.h"
#include "regression/json/value.h"

namespace assay::baselines {

// One line that says why a file of `baseline`, after `change`, is not read; empty if it
// is.
inline std::string refusal(const Baseline& baseline,
                           const std::function<void(json::Value&)>& change) {
  json::Value document = to_json(baseline);
  change(document);
  try {
    (void)baseline_from_json(document);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), StatusCode::bad_file);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return {};
}

}  // namespace assay::baselines

#endif  // ASSAY_TESTS_REGRESSION_BASELINES_REFUSAL_H_
