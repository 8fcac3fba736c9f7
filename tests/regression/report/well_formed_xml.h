// SPDX-License-Identifier: MIT
// As much of XML 1.0 as our writer uses: a declaration, elements, attributes, text and
// the five entities. What it does not know is a problem.
#ifndef ASSAY_TESTS_REGRESSION_REPORT_WELL_FORMED_XML_H_
#define ASSAY_TESTS_REGRESSION_REPORT_WELL_FORMED_XML_H_

#include <string>
#include <string_view>

namespace assay::report {

// Empty when `text` is well formed; else what is wrong and where.
std::string xml_problem(std::string_view text);

}  // namespace assay::report

#endif  // ASSAY_TESTS_REGRESSION_REPORT_WELL_FORMED_XML_H_
