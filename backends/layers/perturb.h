// SPDX-License-Identifier: MIT
// perturb+: a delay, jitter or lock in one call of the interface, over any device. The
// honest form of "inject a mutex and look": if the program is as fast as before, that
// call was not what held it up.
#ifndef ASSAY_BACKENDS_LAYERS_PERTURB_H_
#define ASSAY_BACKENDS_LAYERS_PERTURB_H_

#include <cstdint>
#include <memory>

#include "backends/interface/device.h"
#include "backends/layers/call.h"
#include "backends/runtime/uri.h"

namespace assay::layers {

struct Perturbation {
  Call call = Call::submit;
  // Spent by the calling thread, busy, before the call: what the call would cost if it
  // were that much slower. Sleeping instead would give the core away and add the 50 us
  // that a wake-up takes.
  std::uint64_t delay_ns = 0;
  std::uint64_t jitter_ns = 0;  // and uniformly random up to this much more
  // One thread at a time, delay and call together. Refused for calls that wait: holding
  // a lock while waiting for somebody who needs it is a deadlock and not a delay.
  bool mutex = false;
  std::uint64_t seed = 1;  // of the jitter; each thread has a sequence of its own
};

// For the table of backends/registry.cc: call=NAME (to_string(Call)), delay_us,
// jitter_us, mutex, seed. Throws invalid_argument without a call and for a bad value.
std::shared_ptr<Device> wrap_in_perturb(std::shared_ptr<Device> inner,
                                        const runtime::Uri& layer);

// How often the outermost perturb layer of `device` has disturbed its call. Throws
// failed_precondition when there is none.
std::uint64_t disturbances(Device& device);

}  // namespace assay::layers

#endif  // ASSAY_BACKENDS_LAYERS_PERTURB_H_
