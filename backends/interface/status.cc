// SPDX-License-Identifier: MIT
#include "backends/interface/status.h"

#include <utility>

namespace assay {

struct Status::Detail {
  StatusCode code;
  std::string message;
  Status cause;
};

std::string_view to_string(StatusCode code) noexcept {
  switch (code) {
    case StatusCode::ok:
      return "ok";
    case StatusCode::invalid_argument:
      return "invalid_argument";
    case StatusCode::failed_precondition:
      return "failed_precondition";
    case StatusCode::not_supported:
      return "not_supported";
    case StatusCode::out_of_memory:
      return "out_of_memory";
    case StatusCode::resource_exhausted:
      return "resource_exhausted";
    case StatusCode::deadline_exceeded:
      return "deadline_exceeded";
    case StatusCode::aborted:
      return "aborted";
    case StatusCode::unavailable:
      return "unavailable";
    case StatusCode::bad_file:
      return "bad_file";
    case StatusCode::internal:
      return "internal";
    case StatusCode::device_lost:
      return "device_lost";
  }
  return "unknown";
}

Status::Status(StatusCode code, std::string message)
    : Status(code, std::move(message), Status()) {}

Status::Status(StatusCode code, std::string message, const Status& cause) {
  if (code == StatusCode::ok) return;
  detail_ = std::make_shared<const Detail>(Detail{code, std::move(message), cause});
}

StatusCode Status::code() const noexcept {
  return detail_ ? detail_->code : StatusCode::ok;
}

std::string_view Status::message() const noexcept {
  return detail_ ? std::string_view(detail_->message) : std::string_view();
}

const Status* Status::cause() const noexcept {
  return detail_ && !detail_->cause.ok() ? &detail_->cause : nullptr;
}

const Status& Status::root() const noexcept {
  const Status* status = this;
  while (const Status* next = status->cause()) status = next;
  return *status;
}

std::string Status::to_string() const {
  std::string text(assay::to_string(code()));
  if (!message().empty()) text.append(": ").append(message());
  if (const Status* why = cause()) text.append("; cause: ").append(why->to_string());
  return text;
}

}  // namespace assay
