// SPDX-License-Identifier: MIT
#include "kernels/vendor/onednn_api.h"

#include <string>

#include "backends/interface/status.h"
#include "kernels/vendor/library_calls.h"

namespace assay::vendor {

DnnlApi dnnl_api_of(const Library& library) {
  DnnlApi api;
#define ASSAY_DNNL_LOOK_UP(name)            \
  require_function(library, "dnnl_" #name); \
  api.name = library.function<decltype(api.name)>("dnnl_" #name);
  ASSAY_DNNL_FUNCTIONS(ASSAY_DNNL_LOOK_UP)
#undef ASSAY_DNNL_LOOK_UP
  return api;
}

void must(dnnl_status_t status, const char* what) {
  if (status == dnnl_success) return;
  throw Error(StatusCode::not_supported, std::string("oneDNN refuses ") + what +
                                             ": status " + std::to_string(status) +
                                             "; compare with another library");
}

}  // namespace assay::vendor
