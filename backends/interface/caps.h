// SPDX-License-Identifier: MIT
// What a device is and what it can take. Plain data, constant for a device's life.
#ifndef ASSAY_BACKENDS_INTERFACE_CAPS_H_
#define ASSAY_BACKENDS_INTERFACE_CAPS_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace assay {

struct Limits {
  std::uint32_t max_groups_per_dimension = 0;  // of a dispatch, each of x, y, z
  std::size_t max_local_bytes = 0;             // group-local memory of one group
  std::size_t max_constants_bytes = 0;         // push constants of one dispatch
  std::uint32_t max_bindings = 0;              // buffers bound to one kernel
  std::size_t max_buffer_bytes = 0;            // one buffer
  std::size_t binding_alignment = 1;           // a bound slice's offset is a multiple
};

struct Caps {
  std::string uri;          // canonical: opening it again gives the same device
  std::string name;         // for people: "virtual GPU, 2 compute units, tbb"
  std::string description;  // hardware behind it, as far as the backend knows

  // The hardware's own number, whatever opens it: what is found by another interface
  // and has the same is the same device. 32 hex digits; empty: none, as of host
  // processors.
  std::string hardware;

  std::uint32_t compute_units = 1;  // groups that run at the same time, at most
  // Submissions of different queues overlap. False only for the inline device, where
  // the submitting or signalling thread does all work.
  bool concurrent_queues = false;
  // Work makes progress while no host thread is inside a call of this device.
  bool asynchronous = false;
  // Host code works on bound memory here: kernels made from host functions run, and so
  // do library calls.
  bool host_kernels = false;
  // Kernels made from device code run here.
  bool device_kernels = false;
  // "Device" memory shares the host's heap: its transfer times are a simulation and are
  // labelled so wherever they are shown.
  bool simulated_device_memory = false;
  // Per-submission timestamps come from the executing side.
  bool timestamps = false;
  Limits limits;
};

}  // namespace assay

#endif  // ASSAY_BACKENDS_INTERFACE_CAPS_H_
