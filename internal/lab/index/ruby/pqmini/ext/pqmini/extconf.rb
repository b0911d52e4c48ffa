require "mkmf"
$INCFLAGS << " -I" + `pg_config --includedir`.chomp
abort "libpq is missing" unless have_library("pq", "PQlibVersion", "libpq-fe.h")
create_makefile "pqmini/pqmini"
