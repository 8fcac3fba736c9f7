// SPDX-License-Identifier: MIT
// Layout: magic, key bytes and payload bytes (64 bits each), checksum of all else (64
// bits), key, payload. Integers are the machine's: an entry of another byte order has
// another magic.
#include "backends/runtime/cache_entry.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace assay::runtime {
namespace {

// The last digit is the version of this layout.
constexpr std::uint64_t kMagic = 0x41737361794b4331;  // "AssayKC1"

struct Header {
  std::uint64_t magic = kMagic;
  std::uint64_t key_bytes = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t checksum = 0;
};

constexpr std::uint64_t kFnvOffset = 0xcbf29ce484222325U;
constexpr std::uint64_t kFnvPrime = 0x100000001b3U;

// FNV-1a. Each step is a bijection of the state, so a change of any one byte changes
// the result for certain; against malice stands the folder's mode, not this.
std::uint64_t fnv(std::string_view bytes, std::uint64_t hash = kFnvOffset) noexcept {
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * kFnvPrime;
  }
  return hash;
}

// Each field with its length before it: no two keys have the same text.
std::string key_text(const KernelKey& key) {
  std::string text = std::to_string(key.abi);
  for (const std::string* field : {&key.kernel, &key.source, &key.options,
                                   &key.constants, &key.toolchain, &key.device}) {
    text.append(" ").append(std::to_string(field->size())).append(":").append(*field);
  }
  return text;
}

std::uint64_t checksum_of(Header header, std::string_view body) noexcept {
  header.checksum = 0;
  std::array<char, sizeof(Header)> bytes{};
  std::memcpy(bytes.data(), &header, sizeof(Header));
  return fnv(body, fnv({bytes.data(), bytes.size()}));
}

}  // namespace

std::string entry_name(const KernelKey& key) {
  const std::string text = key_text(key);
  std::string name;
  for (std::uint64_t hash : {fnv(text), fnv(text, ~kFnvOffset)}) {
    for (int digit = 0; digit < 16; ++digit, hash >>= 4) {
      name += "0123456789abcdef"[hash & 15];
    }
  }
  return name + ".entry";
}

std::string encode_entry(const KernelKey& key, std::string_view payload) {
  std::string body = key_text(key);
  Header header;
  header.key_bytes = body.size();
  header.payload_bytes = payload.size();
  body.append(payload);
  header.checksum = checksum_of(header, body);
  std::string entry(sizeof(Header), '\0');
  std::memcpy(entry.data(), &header, sizeof(Header));
  return entry + body;
}

std::optional<std::string> decode_entry(std::string_view bytes, const KernelKey& key) {
  Header header;
  if (bytes.size() < sizeof(Header)) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof(Header));
  const std::string_view body = bytes.substr(sizeof(Header));
  if (header.magic == kMagic && header.key_bytes <= body.size() &&
      header.payload_bytes == body.size() - header.key_bytes &&
      header.checksum == checksum_of(header, body) &&
      body.substr(0, header.key_bytes) == key_text(key)) {
    return std::string(body.substr(header.key_bytes));
  }
  return std::nullopt;
}

}  // namespace assay::runtime
