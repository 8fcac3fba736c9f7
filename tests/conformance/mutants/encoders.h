// SPDX-License-Identifier: MIT
// Encoders with a defect, and the legal one that the control group runs with.
#ifndef TESTS_CONFORMANCE_MUTANTS_ENCODERS_H_
#define TESTS_CONFORMANCE_MUTANTS_ENCODERS_H_

#include <memory>

#include "tests/conformance/mutants/mutant_device.h"

namespace assay::conformance {

using WorldPointer = std::shared_ptr<World>;
using EncoderPointer = std::unique_ptr<CommandEncoder>;

// Legal: what no barrier separates in a concurrent encoder runs in reverse order. A
// device that skips barriers may come out right by luck; with this one it cannot.
EncoderPointer reversing_encoder(const WorldPointer&, Device&, const EncoderDesc&);
// The same with a barrier that does nothing.
EncoderPointer barrierless_encoder(const WorldPointer&, Device&, const EncoderDesc&);
// Host calls that fail count as done.
EncoderPointer swallowing_encoder(const WorldPointer&, Device&, const EncoderDesc&);
// The failure shows at the submission's own point and travels nowhere.
EncoderPointer hiding_encoder(const WorldPointer&, Device&, const EncoderDesc&);
// A copy leaves out its last four bytes.
EncoderPointer short_copy_encoder(const WorldPointer&, Device&, const EncoderDesc&);
// All dispatches get the constants of the first.
EncoderPointer stale_constants_encoder(const WorldPointer&, Device&,
                                       const EncoderDesc&);
// For buffers of loose_buffer(): the work holds their memory and not the handle.
EncoderPointer loose_encoder(const WorldPointer&, Device&, const EncoderDesc&);
std::shared_ptr<Buffer> loose_buffer(Device& inner, const BufferDesc& desc);

}  // namespace assay::conformance

#endif  // TESTS_CONFORMANCE_MUTANTS_ENCODERS_H_
