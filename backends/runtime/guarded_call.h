// SPDX-License-Identifier: MIT
// User code in the stream, host and library calls, as every device runs it: it may
// throw, and the device must survive it.
#ifndef ASSAY_BACKENDS_RUNTIME_GUARDED_CALL_H_
#define ASSAY_BACKENDS_RUNTIME_GUARDED_CALL_H_

#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "backends/interface/status.h"

namespace assay::runtime {

// What `function` returns, with `name` in front of a failure's message. What it throws
// becomes a status: an Error its own, std::bad_alloc out_of_memory, any other exception
// internal. Throws std::bad_alloc when there is no memory to say so.
template <typename Function>
Status described_call(std::string_view name, const Function& function) {
  const auto text = [name](std::string_view what) {
    return std::string(name).append(what);
  };
  try {
    Status status = function();
    if (status.ok()) return status;
    const Status* cause = status.cause();
    return {status.code(), text(": ").append(status.message()),
            cause == nullptr ? Status() : *cause};
  } catch (const Error& error) {
    return {error.code(), text(": ").append(error.what())};
  } catch (const std::bad_alloc&) {
    return {StatusCode::out_of_memory, text(" ran out of memory")};
  } catch (const std::exception& error) {
    return {StatusCode::internal, text(" threw: ").append(error.what())};
  }
}

// The same for a call with a label, and never throws; `kind` names one without.
template <typename Function>
Status run_guarded(std::string_view label, std::string_view kind,
                   const Function& function) {
  try {
    return described_call(label.empty() ? kind : label, function);
  } catch (const std::bad_alloc&) {
    return {StatusCode::out_of_memory,
            "a call in the stream failed, and there is no memory to say how"};
  }
}

}  // namespace assay::runtime

#endif  // ASSAY_BACKENDS_RUNTIME_GUARDED_CALL_H_
