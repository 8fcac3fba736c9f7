// SPDX-License-Identifier: MIT
// make_fuzz_corpus FOLDER DICTIONARY: the seeds as files, and their texts in quotes as
// a dictionary of libFuzzer.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "tests/fuzz/seeds.h"

namespace assay::fuzz {
namespace {

// Every "text" that needs no escape.
std::set<std::string> words(const std::string& text) {
  std::set<std::string> result;
  std::size_t begin = text.find('"');
  while (begin != text.npos) {
    const std::size_t end = text.find('"', begin + 1);
    if (end == text.npos) break;
    const std::string word = text.substr(begin + 1, end - begin - 1);
    const bool plain =
        word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._") == word.npos;
    if (plain && !word.empty()) result.insert(word);
    begin = text.find('"', end + 1);
  }
  return result;
}

}  // namespace
}  // namespace assay::fuzz

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: make_fuzz_corpus FOLDER DICTIONARY\n");
    return 2;
  }
  std::filesystem::create_directories(argv[1]);
  std::set<std::string> words;
  for (const auto& [name, text] : assay::fuzz::seeds()) {
    std::ofstream(std::filesystem::path(argv[1]) / name, std::ios::binary) << text;
    words.merge(assay::fuzz::words(text));
  }
  std::ofstream dictionary(argv[2]);
  for (const std::string& word : words) dictionary << "\"\\\"" << word << "\\\"\"\n";
  return dictionary.flush() ? 0 : 1;
}
