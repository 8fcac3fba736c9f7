// SPDX-License-Identifier: MIT
// Text inside XML.
#ifndef ASSAY_REGRESSION_REPORT_XML_H_
#define ASSAY_REGRESSION_REPORT_XML_H_

#include <string>
#include <string_view>

namespace assay::report {

// plain(), without the characters that XML 1.0 has no way to write (U+FFFE, U+FFFF),
// and & < > " ' as entities: safe in content and in an attribute with either quote.
std::string xml(std::string_view text);

// ` name="value"`.
std::string xml_attribute(std::string_view name, std::string_view value);

}  // namespace assay::report

#endif  // ASSAY_REGRESSION_REPORT_XML_H_
