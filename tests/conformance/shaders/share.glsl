// The words of an array that belong to this group, as my_words() of recipes.cc cuts
// them; 64 invocations walk them side by side. words * groups stays below 2^32 in every
// test.
#ifndef TESTS_CONFORMANCE_SHADERS_SHARE_GLSL_
#define TESTS_CONFORMANCE_SHADERS_SHARE_GLSL_

layout(local_size_x = 64) in;

uint linear_group() {
  return (gl_WorkGroupID.z * gl_NumWorkGroups.y + gl_WorkGroupID.y) *
             gl_NumWorkGroups.x +
         gl_WorkGroupID.x;
}

uint share_begin(uint words, uint group) {
  uint groups = gl_NumWorkGroups.x * gl_NumWorkGroups.y * gl_NumWorkGroups.z;
  return words * group / groups;
}

#define FOR_MY_WORDS(i, words)                                               \
  for (uint i = share_begin(words, linear_group()) + gl_LocalInvocationID.x; \
       i < share_begin(words, linear_group() + 1); i += 64)

#endif
