// SPDX-License-Identifier: MIT
// One problem laid out on one device: operands between guard pads, inputs filled, the
// oracle's answer at hand. Both arms of a comparison run on the same workbench, so both
// see the same memory.
#ifndef ASSAY_REGRESSION_MEASURE_WORKBENCH_H_
#define ASSAY_REGRESSION_MEASURE_WORKBENCH_H_

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/interface/device.h"
#include "kernels/common/op.h"
#include "regression/measure/sample.h"

namespace assay::measure {

class Workbench {
 public:
  // Allocates and fills. `expected` must outlive the workbench.
  Workbench(std::shared_ptr<Device> device, const Problem& problem, DataFamily data,
            std::uint64_t seed, const Expected& expected);

  Device& device() const noexcept { return *device_; }
  Queue& queue() const noexcept { return *queue_; }
  const Problem& problem() const noexcept { return problem_; }
  // Device memory, pads left out, in operand order.
  std::span<const BufferSlice> operands() const noexcept { return operands_; }
  // Host memory with the same contents.
  std::span<const BufferSlice> staging() const noexcept { return staging_; }

  // What operand `index` was filled with, and what its output held before a run.
  std::span<const std::byte> contents(std::size_t index) const {
    return contents_[index];
  }
  std::span<const float> before() const noexcept { return before_; }
  // What input `index` might hold instead. Draw 0: all of it is other data; from 1 on
  // one element is, each time another: who looks at a few elements to know whether data
  // have changed misses it.
  std::vector<std::byte> other_contents(std::size_t index, std::uint64_t draw) const;
  // Compares what somebody computed elsewhere with the oracle, as check_output() does.
  void check_values(std::span<const float> values, ArmCheck& check) const;

  // Prepares the output for a run: poison where it is written only, the old contents
  // where it is read too. Waits.
  void reset_output();
  // Replaces the inputs in place, pads left alone: by other_contents(), or, without a
  // draw, by what they held. Waits.
  void change_inputs(std::optional<std::uint64_t> draw);
  // Replaces the inputs by Problem::fill_lone()'s. Waits. False where there are none.
  bool set_lone_inputs();
  // Bytes of that, for who keeps operands elsewhere; empty where there are none.
  std::vector<std::byte> lone_contents(std::size_t index) const;
  // Compares with what is right for those.
  void check_lone(std::span<const float> values, ArmCheck& check) const;
  // Compares the output with the oracle and looks at the output's pads; folds the
  // result into `check` (the worst stays). Waits.
  void check_output(ArmCheck& check);
  std::vector<float> output_values();
  // Looks at the pads of every operand, and that inputs still hold what they held.
  void check_inputs(ArmCheck& check);

  // Runs what is to be done once for constant operands, which then are resident as the
  // others are. Waits.
  void set_up(const Prepared& prepared);
  // One computation as a command buffer; with_transfers: inputs copied in and set up,
  // output copied out.
  std::shared_ptr<CommandBuffer> encode(const Prepared& prepared, bool with_transfers);
  // Where a run with transfers leaves its output, poisoned or not.
  void reset_staged_output();
  void check_staged_output(ArmCheck& check);

 private:
  void run(const std::function<void(CommandEncoder&)>& record);
  std::vector<float> initial_output() const;
  void replace_input(std::size_t index, std::span<const std::byte> contents);
  void fold(const CheckResult& result, ArmCheck& check) const;

  std::shared_ptr<Device> device_;
  const Problem& problem_;
  const DataFamily data_;
  const std::uint64_t seed_;
  const Expected& expected_;
  std::shared_ptr<Queue> queue_;
  std::vector<std::shared_ptr<Buffer>> padded_;  // device: pad, operand, pad
  std::vector<std::shared_ptr<Buffer>> host_;    // staging: the operand alone
  std::shared_ptr<Buffer> readback_;             // host: as large as the largest padded
  std::vector<std::vector<std::byte>> contents_;  // what each operand was filled with
  std::vector<BufferSlice> operands_;
  std::vector<BufferSlice> staging_;
  std::vector<float> before_;  // the output before a run
};

}  // namespace assay::measure

#endif  // ASSAY_REGRESSION_MEASURE_WORKBENCH_H_
