// SPDX-License-Identifier: MIT
// What an op is to everything above it: a contract, problems of that contract, and the
// ways to compute them. regression/ knows ops through these types alone.
//
// The path of one measurement:
//   Op::make_problem("512x512x512")  -> Problem: operands, flops, data, oracle
//   Implementation::prepare(...)     -> Prepared: kernels compiled, workspace allocated
//   Prepared::record(encoder, ...)   -> commands that a queue can run any number of
//   times Problem::check(...)              -> is the output that was timed right?
#ifndef ASSAY_KERNELS_COMMON_OP_H_
#define ASSAY_KERNELS_COMMON_OP_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/interface/device.h"

namespace assay {

class KernelCache;  // backends/interface/kernel_cache.h
namespace vendor {
class Library;  // kernels/vendor/library.h
namespace cuda {
class Cublas;  // kernels/vendor/cuda/cublas.h
}
}  // namespace vendor

// What an element is stored as. Everything is computed in f32: bf16 and f16 are for
// storage (kernels/common/narrow_floats.h).
enum class DType : std::uint8_t { f32, bf16, f16 };
std::string_view to_string(DType type) noexcept;
std::size_t bytes_of(DType type) noexcept;

// Who wrote an implementation. The oracle (`reference`) is never a contestant.
enum class Provider : std::uint8_t { reference, custom, library };
std::string_view to_string(Provider provider) noexcept;

// What fills the inputs. Each family catches mistakes the others hide.
enum class DataFamily : std::uint8_t {
  integers,    // small integers: every correct result is exact, so compared at 0 ULP
  uniform,     // U(-1, 1)
  positive,    // U(0, 1): no cancellation, errors add up
  graded,      // signs times 2^(-20..20): dropped small terms hide behind large ones
  cancelling,  // pairs that cancel: results far below the terms they are made of
};
std::string_view to_string(DataFamily family) noexcept;
std::optional<DataFamily> parse_data_family(std::string_view name) noexcept;
inline constexpr DataFamily kAllDataFamilies[] = {
    DataFamily::integers, DataFamily::uniform, DataFamily::positive, DataFamily::graded,
    DataFamily::cancelling};

// One operand of a problem: a dense array of `elements` in device memory, including
// what leading dimensions skip (the gaps between rows belong to the operand and must
// survive).
struct Operand {
  std::string name;          // "a"
  std::size_t elements = 0;  // may be 0
  DType type = DType::f32;
  Access access = Access::read;
  // The same in every computation, as the weights of a layer are: an implementation may
  // rearrange it once, in record_setup().
  bool constant = false;
  std::size_t bytes() const noexcept { return elements * bytes_of(type); }
};

// What the oracle says one output should be. Element i of the operand is right when
// |got - value[i]| <= bound[i]; bound is 0 for integer data. `written[i]` is false for
// elements the op must not touch (gaps between rows): those must keep their old bits.
struct Expected {
  std::vector<double> value;
  std::vector<double> bound;
  std::vector<bool> written;
};

struct CheckResult {
  bool ok = false;
  double worst = 0;  // max over elements of |error| / bound; inf when a bound of
                     // 0 is missed or the output is NaN where it may not be
  double max_abs_error = 0;
  std::uint64_t checked = 0;        // elements compared
  std::uint64_t wrong = 0;          // of these, outside the bound
  std::uint64_t never_written = 0;  // of these, still holding the poison pattern
  std::string detail;  // one line on the first wrong element; empty when ok
};

// One instance of an op: shape, type and attributes, all checked. Immutable.
class Problem {
 public:
  Problem() = default;
  Problem(const Problem&) = delete;
  Problem& operator=(const Problem&) = delete;
  virtual ~Problem() = default;

  virtual std::string_view op() const noexcept = 0;  // "matmul"
  // Parses back to the same problem: "512x512x512", "64x31x7:tn:beta=1:ldc=40".
  virtual const std::string& shape() const noexcept = 0;
  virtual DType dtype() const noexcept = 0;
  // Inputs and outputs in binding order. Exactly one is written.
  virtual std::span<const Operand> operands() const noexcept = 0;
  virtual std::size_t output() const noexcept = 0;  // index of the written operand

  virtual double flops() const noexcept = 0;
  // Bytes that must cross memory at least once: each input read, each output written.
  virtual double compulsory_bytes() const noexcept = 0;

  // Fills operand `index`, gaps included, with data of the family. A pure function of
  // (problem, index, family, seed): the same on every machine.
  virtual void fill(std::size_t index, DataFamily family, std::uint64_t seed,
                    std::span<std::byte> out) const = 0;
  // The oracle, in double, on operand contents as fill() made them (the output's old
  // contents included, for read_write). Slow, plain, never a contestant.
  virtual Expected expected(std::span<const std::span<const std::byte>> operands,
                            DataFamily family) const = 0;

  // Inputs that leave each sum one term, so that its result is known without the oracle
  // and to all bits of the types. Errors of operands that somebody cut to fewer bits
  // cancel in a sum of many terms, while its bound grows with them. False, and nothing
  // is filled, where the op has none. A pure function as fill() is.
  virtual bool fill_lone(std::size_t /*index*/, std::uint64_t /*seed*/,
                         std::span<std::byte> /*out*/) const {
    return false;
  }
  // Compares what was computed of them, as check_f32() does; only where fill_lone()
  // fills.
  virtual CheckResult check_lone(std::uint64_t seed, std::span<const float> got,
                                 std::span<const float> before) const;
};

// What an op multiplies: the type of its first input. Rates are shown against the
// machine's ceiling for it.
DType multiplied_type(const Problem& problem) noexcept;

// Compares an output with the oracle. `before` is what the output held before the run
// (the poison, or the old contents of a read_write output): untouched elements must
// still hold it. Accept-if: an element passes only when `|got - value| <= bound` is
// true, so NaN fails, unless the oracle itself says NaN there.
CheckResult check_f32(const Expected& expected, std::span<const float> got,
                      std::span<const float> before);

// The bit pattern outputs are filled with before they are computed: a quiet NaN with a
// payload no arithmetic makes, so that "never written" can be told from "computed NaN".
inline constexpr std::uint32_t kPoisonBits = 0x7fc0dead;

// What prepare() may use. Pointers are borrowed and outlive the Prepared.
struct PrepareContext {
  Device* device = nullptr;
  // Loaded library for Provider::library implementations, else null.
  const vendor::Library* library = nullptr;
  // Where choices for this machine are looked up and kept; null: made anew each time.
  KernelCache* cache = nullptr;
};

// An implementation bound to a device and a problem: kernels compiled, workspace
// allocated. Encoders that record() the same one share the workspace: run them in turn.
class Prepared {
 public:
  Prepared() = default;
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  virtual ~Prepared() = default;
  // Records what has to be done once before the first computation, and again when an
  // operand that Operand::constant marks has changed: such as packing weights. It may
  // read constant operands only: the slices of others may be empty. Nothing by default.
  virtual void record_setup(CommandEncoder& /*encoder*/,
                            std::span<const BufferSlice> /*operands*/) const {}
  // Records one computation of the problem. `operands` are bindable slices of exactly
  // the operands' sizes, in order; the output overlaps no other one. Expects a
  // sequential encoder. Compiles and allocates nothing. What Implementation::prepare
  // gave throws for other slices, nothing recorded, but for buffers of another device.
  virtual void record(CommandEncoder& encoder,
                      std::span<const BufferSlice> operands) const = 0;
  virtual std::size_t workspace_bytes() const noexcept { return 0; }
  // How it configured itself, for the report: "isa=avx512 mc=224 kc=256 nr=32". What is
  // compiled for several ISAs names its own: tests run it on each.
  virtual std::string configuration() const { return {}; }
};

// A library on the same hardware that takes no commands and no memory of the device: it
// computes a problem in memory of its own. Used by one thread at a time; keeps nothing
// alive that it was made of.
class Peer {
 public:
  Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  virtual ~Peer() = default;
  // The contents of an operand, as many bytes as it has.
  virtual void upload(std::size_t operand, std::span<const std::byte> contents) = 0;
  virtual void download(std::size_t operand, std::span<std::byte> contents) = 0;
  // False when something wrote beside an operand.
  virtual bool pads_intact() = 0;
  // One computation, done when this returns; nanoseconds by the hardware's own clock.
  virtual double run() = 0;
  virtual std::string configuration() const { return {}; }
};

// A function that binds an implementation to a device and a problem. What it makes is
// handed on behind a check of the slices that it is to record: kernels trust their
// sizes, so a short one would be read and written past its end.
class PrepareFunction {
 public:
  using Pointer = std::unique_ptr<Prepared> (*)(const PrepareContext& context,
                                                const Problem& problem);
  // Implicit, for rows of tables.
  template <typename Function>
  constexpr PrepareFunction(Function function)  // NOLINT(*-explicit-*)
      : function_(function) {}
  // Throws invalid_argument without a device, and what the function throws.
  std::unique_ptr<Prepared> operator()(const PrepareContext& context,
                                       const Problem& problem) const;

 private:
  Pointer function_;
};

// One way to compute an op. Rows of a constexpr table (implementations.cc of the op):
// tests, comparisons, gates and listings are all produced from it.
struct Implementation {
  std::string_view name;  // named by its idea: "packed"
  Provider provider;
  std::string_view idea;  // one line for `assay list` and the ladder
  // For Provider::library: the entry of kernels/vendor/known_libraries.h whose calling
  // convention this row implements; empty otherwise.
  std::string_view library = {};
  // nullopt when it can run `problem` on a device with `caps`; else the reason.
  std::optional<std::string> (*unsupported)(const Problem& problem, const Caps& caps);
  // Throws Error when `unsupported` would have said so, when the device has no memory
  // for a workspace, and when the library that is loaded cannot be used for this:
  // `unsupported` does not know which one that is.
  PrepareFunction prepare;
  // For libraries that run beside the device and not in its command buffers, whose
  // `prepare` says so. Throws Error.
  std::unique_ptr<Peer> (*prepare_peer)(const vendor::cuda::Cublas& library,
                                        const Problem& problem) = nullptr;
  // For those that ask PrepareContext::cache for a choice: what else is worth measuring
  // on a device with `caps` where `chosen` is what they chose. Texts as the cache keeps
  // them, each of which prepare() takes; `assay tune` measures them.
  std::vector<std::string> (*other_choices)(const Caps& caps,
                                            std::string_view chosen) = nullptr;
};

// An op and its table. One constant object per op, listed in kernels/ops.h.
class Op {
 public:
  Op() = default;
  Op(const Op&) = delete;
  Op& operator=(const Op&) = delete;
  virtual ~Op() = default;

  virtual std::string_view name() const noexcept = 0;
  virtual std::string_view formula() const noexcept = 0;
  // How a shape is written: "MxNxK[:tt][:alpha=X][:beta=X][:lda=L][:ldb=L][:ldc=L]".
  virtual std::string_view shape_form() const noexcept = 0;
  // The shape for `--sizes n`, e.g. "512x512x512".
  virtual std::string shape_of_size(std::uint64_t size) const = 0;
  // Throws invalid_argument with the form when `shape` does not parse, is negative, or
  // any extent or byte count overflows; not_supported for a type the op lacks.
  virtual std::unique_ptr<Problem> make_problem(std::string_view shape,
                                                DType type) const = 0;
  virtual std::span<const Implementation> implementations() const noexcept = 0;
  // The shapes its ladder is shown at (`assay ladder`, README.md of its folder): one
  // for each thing that bounds it, smallest first, so that how long a slow step will
  // take is known before it runs.
  virtual std::span<const std::string_view> ladder_shapes() const noexcept {
    return {};
  }
};

// The last step of the op's ladder that takes the problem, which is its best; the last
// of all where none does, whose reason is then told. Null: the op has none of ours.
const Implementation* best_custom(const Op& op, const Problem& problem,
                                  const Caps& caps);
// The one of that name, of those that `providers` made. Throws Error(invalid_argument),
// with the names that there are, when there is none.
const Implementation& named_implementation(const Op& op, std::string_view name,
                                           std::initializer_list<Provider> providers);

}  // namespace assay

#endif  // ASSAY_KERNELS_COMMON_OP_H_
