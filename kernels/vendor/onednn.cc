// SPDX-License-Identifier: MIT
// What is created here for one problem is destroyed with it.
#include "kernels/vendor/onednn.h"

#include <dlfcn.h>
#include <dnnl.h>

#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "backends/interface/status.h"
#include "kernels/common/isa.h"
#include "kernels/vendor/library_calls.h"
#include "kernels/vendor/onednn_api.h"

namespace assay::vendor {
namespace {

// One primitive with its memory objects, which are pointed at the operands when it
// runs. `arguments`: what each operand is to the primitive.
class Primitive {
 public:
  Primitive(const Library& library, std::vector<int> arguments)
      : api_(dnnl_api_of(library)), arguments_(std::move(arguments)) {
    must(api_.engine_create(&engine_, dnnl_cpu, 0), "an engine");
    must(api_.stream_create(&stream_, engine_, dnnl_stream_default_flags), "a stream");
  }
  Primitive(const Primitive&) = delete;
  Primitive& operator=(const Primitive&) = delete;
  ~Primitive() {
    for (dnnl_memory* const memory : memories_) api_.memory_destroy(memory);
    if (primitive_ != nullptr) api_.primitive_destroy(primitive_);
    if (stream_ != nullptr) api_.stream_destroy(stream_);
    if (engine_ != nullptr) api_.engine_destroy(engine_);
  }

  dnnl_memory_desc_t matrix(std::int64_t rows, std::int64_t cols) const {
    dnnl_memory_desc_t desc;
    const dnnl_dims_t dims = {rows, cols};
    must(api_.memory_desc_init_by_tag(&desc, 2, dims, dnnl_f32, dnnl_ab), "a matrix");
    return desc;
  }
  dnnl_memory_desc_t strided(std::int64_t rows, std::int64_t cols,
                             dnnl_data_type_t type, std::int64_t row_stride,
                             std::int64_t col_stride) const {
    dnnl_memory_desc_t desc;
    const dnnl_dims_t dims = {rows, cols};
    const dnnl_dims_t strides = {row_stride, col_stride};
    must(api_.memory_desc_init_by_strides(&desc, 2, dims, type, strides), "a matrix");
    return desc;
  }
  dnnl_memory_desc_t vector(std::int64_t size) const {
    dnnl_memory_desc_t desc;
    const dnnl_dims_t dims = {size};
    must(api_.memory_desc_init_by_tag(&desc, 1, dims, dnnl_f32, dnnl_a), "a vector");
    return desc;
  }
  void add_operand(const dnnl_memory_desc_t& desc) {
    dnnl_memory_t memory = nullptr;
    must(api_.memory_create(&memory, &desc, engine_, DNNL_MEMORY_NONE), "an operand");
    memories_.push_back(memory);
  }
  void create(const_dnnl_op_desc_t desc) {
    dnnl_primitive_desc_t primitive_desc = nullptr;
    must(api_.primitive_desc_create(&primitive_desc, desc, nullptr, engine_, nullptr),
         "this shape");
    const dnnl_status_t status = api_.primitive_create(&primitive_, primitive_desc);
    api_.primitive_desc_destroy(primitive_desc);
    must(status, "this shape");
  }
  const DnnlApi& api() const noexcept { return api_; }

  void run(std::span<const BoundRange> operands) {
    // One command buffer may be in flight twice; the memory objects are one set.
    const std::lock_guard lock(mutex_);
    std::vector<dnnl_exec_arg_t>& arguments = bound_;
    arguments.clear();
    for (std::size_t i = 0; i < operands.size(); ++i) {
      must(api_.memory_set_data_handle(memories_[i], operands[i].data), "an address");
      arguments.push_back({arguments_[i], memories_[i]});
    }
    must(api_.primitive_execute(primitive_, stream_, static_cast<int>(arguments.size()),
                                arguments.data()),
         "to run");
    must(api_.stream_wait(stream_), "to finish");
  }

 private:
  const DnnlApi api_;
  const std::vector<int> arguments_;
  std::mutex mutex_;
  dnnl_engine_t engine_ = nullptr;
  dnnl_stream_t stream_ = nullptr;
  dnnl_primitive_t primitive_ = nullptr;
  std::vector<dnnl_memory_t> memories_;
  std::vector<dnnl_exec_arg_t> bound_;
};

// The library's threads as the primitive will find them: it divides its work when it is
// created.
const Library& with_threads(const PrepareContext& context) {
  const Library& library = required_library(context);
  library.set_threads(static_cast<int>(context.device->caps().compute_units));
  return library;
}

std::unique_ptr<Prepared> one_call(const PrepareContext& context,
                                   const Problem& problem, std::string label,
                                   std::shared_ptr<Primitive> primitive) {
  return whole_call(
      context, problem, std::move(label),
      [primitive = std::move(primitive)](std::span<const BoundRange> operands) {
        primitive->run(operands);
      });
}

struct CpuIsa {
  int isa;
  const char* name;
  Isa ours;
};
constexpr CpuIsa kIsas[] = {
    {dnnl_cpu_isa_sse41, "sse41", Isa::sse4},
    {dnnl_cpu_isa_avx, "avx", Isa::sse4},
    {dnnl_cpu_isa_avx2, "avx2", Isa::avx2},
    {dnnl_cpu_isa_avx2_vnni, "avx2_vnni", Isa::avx2},
    {dnnl_cpu_isa_avx512_core, "avx512_core", Isa::avx512},
    {dnnl_cpu_isa_avx512_core_vnni, "avx512_core_vnni", Isa::avx512},
    {dnnl_cpu_isa_avx512_core_bf16, "avx512_core_bf16", Isa::avx512},
    {dnnl_cpu_isa_avx512_core_amx, "avx512_core_amx", Isa::avx512},
};

const char* threading_of(unsigned runtime) {
  switch (runtime) {
    case DNNL_RUNTIME_SEQ:
      return "serial";
    case DNNL_RUNTIME_OMP:
      return "openmp";
    case DNNL_RUNTIME_TBB:
      return "tbb";
    default:
      return "unknown";
  }
}

std::atomic<decltype(&::dnnl_sgemm)> g_sgemm = nullptr;

void sgemm_of_onednn(int /*order*/, int trans_a, int trans_b, int m, int n, int k,
                     float alpha, const float* a, int lda, const float* b, int ldb,
                     float beta, float* c, int ldc) {
  const auto letter = [](int transpose) { return transpose == kTranspose ? 'T' : 'N'; };
  g_sgemm.load(std::memory_order_relaxed)(letter(trans_a), letter(trans_b), m, n, k,
                                          alpha, a, lda, b, ldb, beta, c, ldc);
}

}  // namespace

bool built_with_onednn() noexcept { return true; }

std::optional<Probe> probe_onednn(void* handle) {
  const auto version =
      reinterpret_cast<decltype(&::dnnl_version)>(dlsym(handle, "dnnl_version"));
  if (version == nullptr) return std::nullopt;
  const dnnl_version_t* const found = version();
  const std::string number = std::to_string(found->major) + "." +
                             std::to_string(found->minor) + "." +
                             std::to_string(found->patch);
  if (found->major != DNNL_VERSION_MAJOR) {
    throw Error(StatusCode::invalid_argument,
                "oneDNN " + number + ": this was built for version " +
                    std::to_string(DNNL_VERSION_MAJOR) + " of its interface");
  }
  Probe result;
  result.identity.flavour = "oneDNN";
  result.identity.version = number;
  result.identity.config = "oneDNN " + number + " " + std::string(found->hash);
  result.identity.threading = threading_of(found->cpu_runtime);
  if (const auto isa = reinterpret_cast<decltype(&::dnnl_get_effective_cpu_isa)>(
          dlsym(handle, "dnnl_get_effective_cpu_isa"))) {
    const int effective = isa();
    for (const CpuIsa& row : kIsas) {
      if (row.isa != effective) continue;
      result.identity.core_name = row.name;
      result.identity.isa = to_string(row.ours);
    }
  }
  // Of OpenMP, which it was linked with: oneDNN has no call of its own.
  const auto get = reinterpret_cast<int (*)()>(dlsym(handle, "omp_get_max_threads"));
  const auto set =
      reinterpret_cast<void (*)(int)>(dlsym(handle, "omp_set_num_threads"));
  if (get != nullptr && set != nullptr) result.threads = {get, set};
  return result;
}

SgemmFunction onednn_sgemm(void* handle) {
  const auto sgemm =
      reinterpret_cast<decltype(&::dnnl_sgemm)>(dlsym(handle, "dnnl_sgemm"));
  if (sgemm == nullptr) return nullptr;
  g_sgemm.store(sgemm, std::memory_order_relaxed);
  return sgemm_of_onednn;
}

std::unique_ptr<Prepared> onednn_softmax(const PrepareContext& context,
                                         const Problem& problem, std::int64_t rows,
                                         std::int64_t cols) {
  auto primitive = std::make_shared<Primitive>(
      with_threads(context), std::vector<int>{DNNL_ARG_SRC, DNNL_ARG_DST});
  const dnnl_memory_desc_t data = primitive->matrix(rows, cols);
  dnnl_softmax_v2_desc_t desc;
  must(primitive->api().softmax_v2_forward_desc_init(
           &desc, dnnl_forward_inference, dnnl_softmax_accurate, &data, &data, 1),
       "a softmax");
  primitive->create(&desc);
  primitive->add_operand(data);
  primitive->add_operand(data);
  return one_call(context, problem, "onednn softmax", std::move(primitive));
}

std::unique_ptr<Prepared> onednn_layernorm(const PrepareContext& context,
                                           const Problem& problem, std::int64_t rows,
                                           std::int64_t cols, float epsilon) {
  auto primitive = std::make_shared<Primitive>(
      with_threads(context),
      std::vector<int>{DNNL_ARG_SRC, DNNL_ARG_SCALE, DNNL_ARG_SHIFT, DNNL_ARG_DST});
  const dnnl_memory_desc_t data = primitive->matrix(rows, cols);
  dnnl_layer_normalization_desc_t desc;
  must(primitive->api().layer_normalization_forward_desc_init(
           &desc, dnnl_forward_inference, &data, nullptr, epsilon,
           dnnl_use_scale | dnnl_use_shift),
       "a layer normalization");
  primitive->create(&desc);
  primitive->add_operand(data);
  primitive->add_operand(primitive->vector(cols));
  primitive->add_operand(primitive->vector(cols));
  primitive->add_operand(data);
  return one_call(context, problem, "onednn layernorm", std::move(primitive));
}

std::unique_ptr<Prepared> onednn_bf16_product(const PrepareContext& context,
                                              const Problem& problem,
                                              const Bf16Product& x) {
  auto primitive = std::make_shared<Primitive>(
      with_threads(context),
      std::vector<int>{DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST});
  const dnnl_memory_desc_t a =
      primitive->strided(x.m, x.k, dnnl_bf16, x.a_row, x.a_col);
  const dnnl_memory_desc_t b =
      primitive->strided(x.k, x.n, dnnl_bf16, x.b_row, x.b_col);
  const dnnl_memory_desc_t c = primitive->strided(x.m, x.n, dnnl_f32, x.ldc, 1);
  dnnl_matmul_desc_t desc;
  must(primitive->api().matmul_desc_init(&desc, &a, &b, nullptr, &c), "a product");
  primitive->create(&desc);
  primitive->add_operand(a);
  primitive->add_operand(b);
  primitive->add_operand(c);
  return one_call(context, problem, "onednn bf16 product", std::move(primitive));
}

}  // namespace assay::vendor
