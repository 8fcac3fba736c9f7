// SPDX-License-Identifier: MIT
// As much of JSON Schema as docs/schema/ uses, and stricter in one point: a member that
// the schema does not describe is a problem, because a schema that is behind the writer
// describes nothing.
#ifndef ASSAY_TESTS_REGRESSION_JSON_SCHEMA_CHECKER_H_
#define ASSAY_TESTS_REGRESSION_JSON_SCHEMA_CHECKER_H_

#include <string>
#include <vector>

#include "regression/json/value.h"

namespace assay::json {

// Empty when `document` obeys `schema`; else one line a problem, each with its place. A
// keyword that is not understood is a problem too.
std::vector<std::string> schema_problems(const Value& schema, const Value& document);

}  // namespace assay::json

#endif  // ASSAY_TESTS_REGRESSION_JSON_SCHEMA_CHECKER_H_
