// SPDX-License-Identifier: MIT
// The driver: lanes, each with operands and kernels of its own, that submit one op over
// and over under a condition, and what every call of theirs took. Wrong outputs are a
// failure and never a rate.
#ifndef ASSAY_REGRESSION_SCALING_RIG_H_
#define ASSAY_REGRESSION_SCALING_RIG_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/interface/device.h"
#include "kernels/common/op.h"
#include "regression/scaling/cell.h"
#include "regression/scaling/condition.h"

namespace assay::scaling {

// What is submitted. Besides the ops there are two made for this experiment:
//   empty  a kernel of one group that does nothing: what the runtime itself can do
//   chain  a kernel of one group that computes for `chain_steps` and touches no memory:
//          the work of somebody else, without a bandwidth or a cache to share
struct Work {
  std::string op = "matmul";
  std::string shape;           // of an op
  std::string implementation;  // of an op
  std::uint64_t seed = 1;
  std::uint64_t chain_steps = 0;
  // A library call is lent one compute unit, whatever threads the library uses: calls
  // of several queues then meet inside the library instead of waiting for units.
  bool lend_one = false;
};
bool is_synthetic(std::string_view op) noexcept;

// Steps of a chain that takes `microseconds` on one compute unit of `device`.
std::uint64_t calibrate_chain(Device& device, double microseconds);

class Rig {
 public:
  // Lays out `lanes` lanes. `op` and `expected` are null for synthetic work; they and
  // `library` are borrowed. Throws Error when the work cannot run on the device.
  Rig(std::shared_ptr<Device> device, const Op* op, Work work, std::uint32_t lanes,
      const vendor::Library* library, const Expected* expected);
  ~Rig();
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  // One run: warms up, poisons the outputs, lets `condition.workers` threads submit
  // `iterations` command buffers each, and compares their outputs with the oracle
  // (where the output is also an input: of one more run). A device with a trace layer
  // has its traced figures in the cell. A bare condition is for chains alone: each call
  // is in the cell as a wait. `start_ns` on the steady
  // clock: nobody starts before; 0: at once. A wrong output is Cell::failure. Throws
  // Error when a call fails, or for more workers than lanes.
  Cell run(const Condition& condition, std::uint32_t iterations,
           std::uint64_t start_ns = 0);

  // Time of one operation of one worker that waits for each, in nanoseconds.
  double operation_ns();

 private:
  struct Lane;
  struct Log;
  const std::shared_ptr<CommandBuffer>& commands(Lane& lane, std::uint32_t batch);
  std::uint64_t execute(const Condition& condition, std::uint64_t start_ns,
                        std::span<Log> logs);
  void prepare(Lane& lane, const Condition& condition, std::size_t iterations);
  void loop(const Lane& lane, const Condition& condition, std::uint64_t start_ns,
            Log& log) const;
  void bare_loop(std::uint64_t start_ns, Log& log) const;
  std::string verify(Lane& lane);
  Cell summarize(const Condition& condition, std::span<Log> logs) const;

  std::shared_ptr<Device> device_;
  const Op* op_;
  Work work_;
  std::unique_ptr<Problem> problem_;  // null for synthetic work
  std::int64_t clock_offset_ns_ = 0;  // the device's clock minus the steady clock
  bool traced_ = false;               // there is a trace layer to ask
  std::shared_ptr<Queue> shared_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace assay::scaling

#endif  // ASSAY_REGRESSION_SCALING_RIG_H_
