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
  // Device code may bind arrays of 16-bit numbers.
  bool narrow_storage = false;
  // How many threads multiply 16 x 16 matrices of f16 together, with sums in f32, by
  // units made for that, in device code that asks for them; 0: there are none.
  std::uint32_t matrix_team = 0;
  // The cache that all units share, between them and the device's memory; 0: unknown.
  std::size_t last_level_cache_bytes = 0;
  // "Device" memory shares the host's heap: its transfer times are a simulation and are
  // labelled so wherever they are shown.
  bool simulated_device_memory = false;
  // Per-submission timestamps come from the executing side.
  bool timestamps = false;
  Limits limits;
};

}  // namespace assay

#endif  // ASSAY_BACKENDS_INTERFACE_CAPS_H_
