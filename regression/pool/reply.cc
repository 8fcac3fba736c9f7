// SPDX-License-Identifier: MIT
#include <cstring>

#include "regression/pool/pool.h"

namespace assay::pool {

std::string Reply::description() const {
  const auto signal_text = [this] {
    return "signal " + std::to_string(code) + " (" + strsignal(code) + ")";
  };
  std::string what;
  switch (end) {
    case End::replied:
      what = "answered";
      break;
    case End::failed:
      what = text;
      break;
    case End::exited:
      what = "the worker ended with exit status " + std::to_string(code);
      break;
    case End::killed:
      what = "the worker was killed by " + signal_text();
      break;
    case End::stopped:
      what = "the worker was stopped by " + signal_text() + ", and ended";
      break;
    case End::hung:
      what = "the worker took too long and was ended";
      break;
    case End::broken:
      what = "the worker broke its channel (" + text + ") and was ended";
      break;
    case End::not_started:
      what = "no worker lives long enough to answer";
      break;
    case End::shut_down:
      what = "the pool was closed first";
      break;
  }
  return label.empty() ? what : label + ": " + what;
}

}  // namespace assay::pool
