# One name each for what comes under several: read here and by the installed package, whose
# exported targets say the same names.
if(TARGET hwy::hwy AND NOT TARGET assay::hwy)
  add_library(assay::hwy INTERFACE IMPORTED)
  target_link_libraries(assay::hwy INTERFACE hwy::hwy)
endif()
if(TARGET PkgConfig::HWLOC AND NOT TARGET assay::hwloc)
  add_library(assay::hwloc INTERFACE IMPORTED)
  target_link_libraries(assay::hwloc INTERFACE PkgConfig::HWLOC)
endif()
