// SPDX-License-Identifier: MIT
// Instruction sets our kernels are built for, and which one runs.
#ifndef ASSAY_KERNELS_COMMON_ISA_H_
#define ASSAY_KERNELS_COMMON_ISA_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace assay {

// Ordered: a later ISA is at least as capable. Library core names map onto the same
// scale, so "below the machine's ISA" is a comparison.
enum class Isa : std::uint8_t {
  scalar,  // nothing assumed
  sse4,    // SSE4.2 class, 128-bit
  avx2,    // AVX2 + FMA, 256-bit
  avx512,  // AVX-512 F/BW/CD/DQ/VL, 512-bit
};
std::string_view to_string(Isa isa) noexcept;
std::optional<Isa> parse_isa(std::string_view name) noexcept;

// The best ISA of this machine, whatever the override says.
Isa host_isa() noexcept;
// Every ISA this machine can run that kernels are built for, best first.
std::span<const Isa> available_isas() noexcept;
// The ISA kernels use: host_isa(), or the one named by ASSAY_ISA. Throws
// Error(invalid_argument) when ASSAY_ISA names none, or one this machine lacks. The
// variable is read at each call, which is at prepare, never in a timed region.
Isa selected_isa();

// Whether this machine has, and kernels of `isa` may use, an instruction that adds the
// products of a pair of bf16 numbers to an f32 (AVX512_BF16).
bool has_bf16_dots(Isa isa) noexcept;
// Whether it does more of them a second than there are multiply-adds of f32: on AMD's
// processors, which start two a cycle. Intel's start one every other cycle: of loops on
// registers on one thread of family 6, model 207, 86 to 88 GFLOP/s beside 174 to 176,
// and a product of 1024 cubed took 26 ms by them and 15 widened.
bool bf16_dots_pay(Isa isa) noexcept;

// Whether vectors of 512 bits go through units of 256 on this machine, in two steps, so
// that a whole vector does what two halves do: AVX-512 of AMD's family 19h, which is
// Zen 4. Not known of others.
bool halves_vectors(Isa isa) noexcept;
// Whether a shuffle of 512 bits takes the turn of a multiply-add: Intel's processors
// have one unit for such shuffles, which is one of the two for such multiply-adds.
bool shuffles_displace_multiply_adds(Isa isa) noexcept;
// For kernels that load and store more than they compute: selected_isa(), but avx2
// where ASSAY_ISA names none and vectors are halved, or an Intel reads from memory with
// AVX-512. Loops of loads and additions, bandwidth of 256 bits / that of 512: on a Zen
// 4 from the first cache, the second and memory sum 1.12, 1.00, 1.04 to 1.1, dot 1.08,
// 0.99, 1.03, axpy 1.18, 1.00, 1.04; on an Intel (family 6, model 167) from memory
// dot 1.11 to 1.12, axpy 1.10 to 1.14. Throws as selected_isa().
Isa streaming_isa(bool from_memory);

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_ISA_H_
