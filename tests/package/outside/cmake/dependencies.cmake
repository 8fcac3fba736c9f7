# The project's own, of which Assay must not know.
message(FATAL_ERROR "read instead of Assay's own file")
