#include <libpq-fe.h>
#include <ruby.h>

static VALUE version(VALUE self) { return INT2NUM(PQlibVersion()); }

void Init_pqmini(void) { rb_define_singleton_method(rb_define_module("Pqmini"), "version", version, 0); }
