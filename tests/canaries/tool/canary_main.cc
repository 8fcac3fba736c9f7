// SPDX-License-Identifier: MIT
// The assay tool with implementations of matmul that cheat, each in a way the field has
// really published by accident. The tool must refuse every one of them, by exit code.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "kernels/matmul/matmul.h"
#include "kernels/ops.h"
#include "regression/cli/cli.h"
#include "tests/support/extended_matmul.h"

namespace assay {
namespace {

std::optional<std::string> supports_plain(const Problem& problem, const Caps&) {
  const matmul::Params& p = matmul::params_of(problem);
  if (p.transpose_a || p.transpose_b || p.alpha != 1 || p.beta != 0) {
    return "the canary computes plain products only";
  }
  return std::nullopt;
}

// What the cheating kernels share: shape, a saved result, and the device to misuse.
struct State {
  matmul::Params params;
  Device* device = nullptr;
  std::vector<float> inputs;  // A and B that `saved` is of
  std::vector<float> saved;
  std::atomic<std::uint64_t> calls = 0;
  std::uint64_t repeats = 0;              // of the inputs that `saved` is of
  std::chrono::nanoseconds computing{0};  // the shortest so far
};

void compute_row(const State& state, const GroupContext& group, std::int64_t i) {
  const matmul::Params& p = state.params;
  const float* a = group.bindings[0].as<const float>() + i * p.lda;
  const float* b = group.bindings[1].as<const float>();
  float* c = group.bindings[2].as<float>() + i * p.ldc;
  std::fill(c, c + p.n, 0.0F);
  for (std::int64_t l = 0; l < p.k; ++l) {
    for (std::int64_t j = 0; j < p.n; ++j) c[j] += a[l] * b[l * p.ldb + j];
  }
}

void row_kernel(const GroupContext& group) noexcept {
  compute_row(*static_cast<const State*>(group.user), group, group.group.x);
}

void compute_and_save(State& state, const GroupContext& group) {
  for (std::int64_t i = 0; i < state.params.m; ++i) compute_row(state, group, i);
  const BoundRange c = group.bindings[2];
  state.saved.assign(c.as<float>(), c.as<float>() + c.bytes / sizeof(float));
}

void copy_saved(const State& state, const GroupContext& group) {
  std::memcpy(group.bindings[2].data, state.saved.data(), group.bindings[2].bytes);
}

bool is_remembered(const State& state, const GroupContext& group) {
  const BoundRange a = group.bindings[0];
  const BoundRange b = group.bindings[1];
  const std::size_t of_a = a.bytes / sizeof(float);
  return !state.inputs.empty() &&
         std::memcmp(state.inputs.data(), a.data, a.bytes) == 0 &&
         std::memcmp(state.inputs.data() + of_a, b.data, b.bytes) == 0;
}

// Computes when an input has changed, and copies the remembered answer else: right, and
// no kernel.
void memoized_kernel(const GroupContext& group) noexcept {
  auto& state = *const_cast<State*>(static_cast<const State*>(group.user));
  if (is_remembered(state, group)) return copy_saved(state, group);
  const BoundRange a = group.bindings[0];
  const BoundRange b = group.bindings[1];
  std::vector<float>& inputs = state.inputs;
  const std::size_t of_a = a.bytes / sizeof(float);
  inputs.assign(a.as<const float>(), a.as<const float>() + of_a);
  inputs.insert(inputs.end(), b.as<const float>(),
                b.as<const float>() + b.bytes / sizeof(float));
  compute_and_save(state, group);
}

// The same from the fourth time on: nobody asks so often whether it computes.
void patient_kernel(const GroupContext& group) noexcept {
  auto& state = *const_cast<State*>(static_cast<const State*>(group.user));
  if (!is_remembered(state, group)) {
    state.repeats = 0;
  } else if (++state.repeats < 3) {
    return compute_and_save(state, group);
  }
  memoized_kernel(group);
}

// The same from the second time on, and takes half the time of computing for it: no
// rate says anything.
void paced_kernel(const GroupContext& group) noexcept {
  using Clock = std::chrono::steady_clock;
  auto& state = *const_cast<State*>(static_cast<const State*>(group.user));
  const Clock::time_point begin = Clock::now();
  if (!is_remembered(state, group)) {
    memoized_kernel(group);
    const std::chrono::nanoseconds took = Clock::now() - begin;
    if (state.computing.count() == 0 || took < state.computing) state.computing = took;
    return;
  }
  copy_saved(state, group);
  while (Clock::now() - begin < state.computing / 2) {
  }
}

// Takes the same addresses for the same inputs.
void by_address_kernel(const GroupContext& group) noexcept {
  auto& state = *const_cast<State*>(static_cast<const State*>(group.user));
  if (!state.saved.empty()) return copy_saved(state, group);
  compute_and_save(state, group);
}

// Leaves every third row alone that has a result already: a rate that nobody would
// call implausible.
void lazy_kernel(const GroupContext& group) noexcept {
  auto& state = *const_cast<State*>(static_cast<const State*>(group.user));
  const float first = group.bindings[2].as<float>()[group.group.x * state.params.ldc];
  if (!std::isnan(first) && state.calls++ % 3 == 0) return;
  row_kernel(group);
}

// Also writes one element past the output.
void outside_kernel(const GroupContext& group) noexcept {
  row_kernel(group);
  const BoundRange c = group.bindings[2];
  if (group.group.x == 0) c.as<float>()[c.bytes / sizeof(float)] = 1.0F;
}

enum class Cheat { none, half_the_groups, compiles, allocates };

class Canary final : public Prepared {
 public:
  Canary(const PrepareContext& context, const Problem& problem, HostKernel kernel,
         bool one_group, Cheat cheat)
      : state_(std::make_shared<State>()), one_group_(one_group), cheat_(cheat) {
    state_->params = matmul::params_of(problem);
    state_->device = context.device;
    KernelDesc desc;
    desc.name = "canary";
    desc.bindings = {Access::read, Access::read, Access::write};
    desc.host = kernel;
    desc.host_data = state_;
    kernel_ = context.device->create_kernel(desc);
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    auto groups = static_cast<std::uint32_t>(one_group_ ? 1 : state_->params.m);
    if (cheat_ == Cheat::half_the_groups) groups /= 2;
    if (cheat_ == Cheat::compiles || cheat_ == Cheat::allocates) {
      encoder.host_call(
          {"cheat", [state = state_, desc = kernel_->desc(), cheat = cheat_] {
             if (cheat == Cheat::compiles) {
               state->device->create_kernel(desc);
             } else {
               state->device->create_buffer({4096, MemoryKind::device, ""});
             }
             return Status();
           }});
    }
    encoder.dispatch(kernel_, {groups, 1, 1}, operands, {});
  }

 private:
  std::shared_ptr<State> state_;
  std::shared_ptr<Kernel> kernel_;
  bool one_group_;
  Cheat cheat_;
};

template <HostKernel kKernel, bool kOneGroup, Cheat kCheat>
std::unique_ptr<Prepared> prepare(const PrepareContext& context,
                                  const Problem& problem) {
  return std::make_unique<Canary>(context, problem, kKernel, kOneGroup, kCheat);
}

constexpr Implementation kCanaries[] = {
    {"honest_rows",
     Provider::custom,
     "the honest twin of the canaries",
     {},
     supports_plain,
     prepare<row_kernel, false, Cheat::none>},
    {"too_few_groups",
     Provider::custom,
     "dispatches half of its groups",
     {},
     supports_plain,
     prepare<row_kernel, false, Cheat::half_the_groups>},
    {"memoized",
     Provider::custom,
     "computes four times, then compares inputs and copies",
     {},
     supports_plain,
     prepare<patient_kernel, true, Cheat::none>},
    {"memoized_and_paced",
     Provider::custom,
     "the same, and no faster than a machine could be",
     {},
     supports_plain,
     prepare<paced_kernel, true, Cheat::none>},
    {"memoized_by_address",
     Provider::custom,
     "computes once, then copies",
     {},
     supports_plain,
     prepare<by_address_kernel, true, Cheat::none>},
    {"lazy",
     Provider::custom,
     "skips a third of what seems to be computed already",
     {},
     supports_plain,
     prepare<lazy_kernel, false, Cheat::none>},
    {"writes_outside",
     Provider::custom,
     "writes past its output",
     {},
     supports_plain,
     prepare<outside_kernel, false, Cheat::none>},
    {"compiles_inside",
     Provider::custom,
     "compiles in the timed region",
     {},
     supports_plain,
     prepare<row_kernel, false, Cheat::compiles>},
    {"allocates_inside",
     Provider::custom,
     "allocates in the timed region",
     {},
     supports_plain,
     prepare<row_kernel, false, Cheat::allocates>},
};

}  // namespace
}  // namespace assay

int main(int argc, char** argv) {
  const assay::ExtendedMatmul op(assay::kCanaries);
  const assay::Op* const ops[] = {&op};
  return assay::cli::run_cli(argc, argv, ops, {});
}
