// SPDX-License-Identifier: MIT
#include "kernels/vendor/library_calls.h"

#include <utility>

#include "backends/interface/status.h"
#include "kernels/common/dense_problem.h"
#include "kernels/common/host_dispatch.h"
#include "kernels/vendor/float_mode.h"

namespace assay::vendor {
namespace {

std::string describe(const Library& library, const std::string& threads,
                     const std::string& partition) {
  const auto known = [](const std::string& text) { return text.empty() ? "?" : text; };
  const Identity& identity = library.identity();
  return "library=" + known(identity.flavour) + " version=" + known(identity.version) +
         " core=" + known(identity.core_name) + " threading=" + identity.threading +
         " threads=" + threads + " partition=" + partition;
}

class WholeCall final : public Prepared {
 public:
  WholeCall(const PrepareContext& context, const Problem& problem, std::string label,
            WholeFunction call, WholeFunction setup)
      : library_(*context.library),
        threads_(context.device->caps().compute_units),
        accesses_(accesses_of(problem)),
        label_(std::move(label)),
        call_(std::move(call)),
        setup_(std::move(setup)) {
    library_.set_threads(static_cast<int>(threads_));
    granted_ = library_.threads();
  }

  void record_setup(CommandEncoder& encoder,
                    std::span<const BufferSlice> operands) const override {
    if (setup_) record_call(encoder, operands, setup_);
  }
  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    record_call(encoder, operands, call_);
  }

  std::string configuration() const override {
    return describe(library_, granted_ > 0 ? std::to_string(granted_) : "?", "whole");
  }

 private:
  void record_call(CommandEncoder& encoder, std::span<const BufferSlice> operands,
                   const WholeFunction& function) const {
    LibraryCall call;
    call.label = label_;
    call.threads = threads_;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      call.operands.push_back({operands[i], accesses_[i]});
    }
    call.run = [library = &library_, granted = granted_,
                threads = static_cast<int>(threads_),
                function](std::span<const BoundRange> bound) {
      const KeptFloatMode mode;
      // Set where the call is made: with OpenMP the count belongs to the calling
      // thread. When it is right already this costs one call that returns a number.
      if (library->threads() != granted) library->set_threads(threads);
      function(bound);
      return Status();
    };
    encoder.library_call(std::move(call));
  }

  const Library& library_;
  const std::uint32_t threads_;
  const std::vector<Access> accesses_;
  const std::string label_;
  const WholeFunction call_;
  const WholeFunction setup_;
  int granted_ = 0;  // what the library made of it: it may have a limit, or be serial
};

void compute_part(const GroupContext& context) noexcept {
  const KeptFloatMode mode;
  const auto& call = *static_cast<const PartFunction*>(context.user);
  call(context.compute_unit, context.group.x, context.bindings);
}

void compute_rest(const GroupContext& context) noexcept {
  const KeptFloatMode mode;
  (*static_cast<const WholeFunction*>(context.user))(context.bindings);
}

class PartitionedCall final : public Prepared {
 public:
  PartitionedCall(const PrepareContext& context, const Problem& problem,
                  std::string label, std::uint32_t parts, PartFunction call,
                  WholeFunction finish)
      : parts_(parts),
        configuration_(describe(*context.library,
                                std::to_string(context.device->caps().compute_units),
                                std::to_string(parts))) {
    KernelDesc desc;
    desc.name = std::move(label);
    desc.bindings = accesses_of(problem);
    desc.host = compute_part;
    desc.host_data = std::make_shared<PartFunction>(std::move(call));
    kernel_ = context.device->create_kernel(desc);
    if (!finish) return;
    desc.host = compute_rest;
    desc.host_data = std::make_shared<WholeFunction>(std::move(finish));
    finish_ = context.device->create_kernel(desc);
  }

  void record(CommandEncoder& encoder,
              std::span<const BufferSlice> operands) const override {
    encoder.dispatch(kernel_, {parts_, 1, 1}, operands, {});
    if (finish_) encoder.dispatch(finish_, Dim3{}, operands, {});
  }
  std::string configuration() const override { return configuration_; }

 private:
  const std::uint32_t parts_;
  const std::string configuration_;
  std::shared_ptr<Kernel> kernel_;
  std::shared_ptr<Kernel> finish_;
};

}  // namespace

const Library& required_library(const PrepareContext& context) {
  if (context.library == nullptr) {
    throw Error(StatusCode::failed_precondition, "no library was loaded to call");
  }
  return *context.library;
}

void require_function(const Library& library, const char* name) {
  if (library.function<void (*)()>(name) != nullptr) return;
  throw Error(StatusCode::not_supported, "library '" +
                                             library.identity().resolved_path +
                                             "' has no " + name + ": use another");
}

std::unique_ptr<Prepared> whole_call(const PrepareContext& context,
                                     const Problem& problem, std::string label,
                                     WholeFunction call, WholeFunction setup) {
  (void)required_library(context);
  require_supported(needs_host_kernels(problem, context.device->caps()));
  return std::make_unique<WholeCall>(context, problem, std::move(label),
                                     std::move(call), std::move(setup));
}

std::unique_ptr<Prepared> partitioned_call(const PrepareContext& context,
                                           const Problem& problem, std::string label,
                                           std::uint32_t parts, PartFunction call,
                                           WholeFunction finish) {
  // A library with threads of its own would start them in each compute unit.
  const Identity& identity = required_library(context).identity();
  if (identity.threading != "serial") {
    throw Error(StatusCode::not_supported,
                label + " in parts needs a serial library; '" + identity.resolved_path +
                    "' says threading=" + identity.threading);
  }
  require_supported(needs_host_kernels(problem, context.device->caps()));
  return std::make_unique<PartitionedCall>(context, problem, std::move(label), parts,
                                           std::move(call), std::move(finish));
}

}  // namespace assay::vendor
